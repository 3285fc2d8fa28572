package provider

import (
	"fmt"
	"time"

	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The block timeouts is the same in a data source and in an ephemeral resource:
//
//	timeouts {
//	  read = "5m"
//	}
//
// It is a block because Terraform reports an unknown name in a block, but ignores it in an object. This code does
// not use the library terraform-plugin-framework-timeouts, since the library's attribute for an ephemeral resource
// is open, not read.

// defaultReadTimeout is the time limit of a listing if timeouts.read is not set.
const defaultReadTimeout = 5 * time.Minute

// readTimeoutPath is the path of the time limit.
var readTimeoutPath = path.Root("timeouts").AtName("read")

const (
	timeoutsDescription    = "Time limits. Not part of the API."
	readTimeoutDescription = "Time limit for all requests and waits of the block together: a duration such as `30s` or `1h`. Default: `5m`."
)

func dataSourceTimeouts() datasourceschema.Block {
	return datasourceschema.SingleNestedBlock{
		MarkdownDescription: timeoutsDescription,
		Attributes: map[string]datasourceschema.Attribute{"read": datasourceschema.StringAttribute{
			MarkdownDescription: readTimeoutDescription,
			Optional:            true,
			Validators:          []validator.String{valid(checkReadTimeout)},
		}},
	}
}

func ephemeralTimeouts() ephemeralschema.Block {
	return ephemeralschema.SingleNestedBlock{
		MarkdownDescription: timeoutsDescription,
		Attributes: map[string]ephemeralschema.Attribute{"read": ephemeralschema.StringAttribute{
			MarkdownDescription: readTimeoutDescription,
			Optional:            true,
			Validators:          []validator.String{valid(checkReadTimeout)},
		}},
	}
}

func checkReadTimeout(value string) error {
	if limit, err := time.ParseDuration(value); err != nil || limit <= 0 {
		return fmt.Errorf("must be a duration greater than 0, such as 30s. It is %q", value)
	}
	return nil
}

// readTimeout returns the time limit of a validated block, or the default.
func readTimeout(timeouts types.Object) time.Duration {
	read, _ := timeouts.Attributes()["read"].(types.String)
	if limit, err := time.ParseDuration(read.ValueString()); err == nil {
		return limit
	}
	return defaultReadTimeout
}

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
// It is a block because Terraform reports an unknown name in a block, and ignores one in an object. The
// library terraform-plugin-framework-timeouts calls the attribute of an ephemeral resource open.

// defaultReadTimeout is how long a listing may take where timeouts.read is not set.
const defaultReadTimeout = 5 * time.Minute

// readTimeoutPath is where the time limit of a listing is set.
var readTimeoutPath = path.Root("timeouts").AtName("read")

const (
	timeoutsDescription    = "Time limits. Added by the provider."
	readTimeoutDescription = "How long all requests and waits of the block may take together, as a duration such as `30s` or `1h`. Default: `5m`."
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
		return fmt.Errorf("must be a duration greater than 0, such as 30s; it is %q", value)
	}
	return nil
}

// readTimeout is the time limit in a block that has been validated, or the default.
func readTimeout(timeouts types.Object) time.Duration {
	read, _ := timeouts.Attributes()["read"].(types.String)
	if limit, err := time.ParseDuration(read.ValueString()); err == nil {
		return limit
	}
	return defaultReadTimeout
}

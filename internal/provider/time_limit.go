package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// defaultTimeLimit is how long a listing may take where its timeouts do not say.
const defaultTimeLimit = 5 * time.Minute

// timeLimit is the one of the timeouts that a listing has: read for a data source, open for an
// ephemeral resource.
type timeLimit struct {
	operation string
	value     attr.Value // nil where there are no timeouts
}

func (l timeLimit) path() path.Path { return path.Root("timeouts").AtName(l.operation) }

// validate finds a limit that leaves no time.
func (l timeLimit) validate(diags *diag.Diagnostics) {
	if limit := l.duration(); limit <= 0 {
		diags.AddAttributeError(l.path(), "Invalid value", fmt.Sprintf("The value of %s must be more than 0; it is %s.", l.path(), limit))
	}
}

// duration is the limit, or the default, which also stands for one that is not known yet, or that
// the schema has found not to be a duration. The library's own method logs a line where there is
// none.
func (l timeLimit) duration() time.Duration {
	text, ok := l.value.(types.String)
	if !ok || text.IsNull() || text.IsUnknown() {
		return defaultTimeLimit
	}
	limit, err := time.ParseDuration(text.ValueString())
	if err != nil {
		return defaultTimeLimit
	}
	return limit
}

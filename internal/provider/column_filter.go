package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

// columnFilterModel is an element of column_filters. The API has one field "value" of any type, also null.
// A Terraform attribute has a single type, so there is an attribute for each type.
type columnFilterModel struct {
	Measurement  types.String `tfsdk:"measurement"`
	Operator     types.String `tfsdk:"operator"`
	NumberValue  types.Number `tfsdk:"number_value"`
	StringValue  types.String `tfsdk:"string_value"`
	BoolValue    types.Bool   `tfsdk:"bool_value"`
	NullValue    types.Bool   `tfsdk:"null_value"`
	StringValues types.List   `tfsdk:"string_values"`
	NumberValues types.List   `tfsdk:"number_values"`
}

// filterShapes are the API's three types of filter: the operators of each, and the attributes for its value.
var filterShapes = []struct {
	operators []string
	values    []string
	both      bool   // several of values may be set
	accepts   string // values, as a phrase for messages
}{
	{
		operators: []string{">", ">=", "<", "<="},
		values:    []string{"number_value"},
		accepts:   "number_value",
	},
	{
		operators: []string{"is", "!="},
		values:    []string{"number_value", "string_value", "bool_value", "null_value"},
		accepts:   "one of number_value, string_value, bool_value and null_value = true",
	},
	{
		operators: []string{"contains_none", "contains_any", "contains_all", "one_of", "none_of"},
		values:    []string{"string_values", "number_values"}, both: true,
		accepts: "string_values, number_values, or both",
	},
}

func columnFilterSchema() schema.NestedAttributeObject {
	var operators []string
	for _, shape := range filterShapes {
		operators = append(operators, shape.operators...)
	}
	return schema.NestedAttributeObject{
		Validators: []validator.Object{columnFilterValidator{}},
		Attributes: map[string]schema.Attribute{
			"measurement": schema.StringAttribute{
				MarkdownDescription: "Name of the column, such as `cost`.",
				Required:            true,
				Validators:          []validator.String{valid(checkNotEmpty)},
			},
			"operator": schema.StringAttribute{
				MarkdownDescription: "How to compare the column. `>`, `>=`, `<` and `<=` need `number_value`. `is` and `!=` need one of `number_value`, " +
					"`string_value`, `bool_value` and `null_value = true`. `contains_none`, `contains_any`, `contains_all`, `one_of` and `none_of` need " +
					"`string_values`, `number_values` or both. A filter without a value is an error.",
				Required:   true,
				Validators: []validator.String{valid(oneOf(operators...))},
			},
			"number_value": schema.NumberAttribute{
				MarkdownDescription: "The number to compare with, for `>`, `>=`, `<`, `<=`, `is` and `!=`.",
				Optional:            true,
				Validators:          []validator.Number{finite{}},
			},
			"string_value": schema.StringAttribute{
				MarkdownDescription: "The text to compare with, for `is` and `!=`. It may be empty.",
				Optional:            true,
			},
			"bool_value": schema.BoolAttribute{
				MarkdownDescription: "The Boolean to compare with, for `is` and `!=`.",
				Optional:            true,
			},
			"null_value": schema.BoolAttribute{
				MarkdownDescription: "`true` compares with null: `is` matches a column without a value, `!=` a column with a value. `false` is an error.",
				Optional:            true,
				Validators:          []validator.Bool{onlyTrue{}},
			},
			"string_values": schema.ListAttribute{
				MarkdownDescription: "The texts to look for, for `contains_none`, `contains_any`, `contains_all`, `one_of` and `none_of`.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.List{noNulls{}},
			},
			"number_values": schema.ListAttribute{
				MarkdownDescription: "The numbers to look for, for the same operators as `string_values`. If both are set, the provider sends a single list.",
				ElementType:         types.NumberType,
				Optional:            true,
				Validators:          []validator.List{noNulls{}, eachNumber(checkFinite)},
			},
		},
	}
}

// onlyTrue is a validator of null_value. It rejects false, because the filter would have no value.
type onlyTrue struct{ undescribed }

func (onlyTrue) ValidateBool(_ context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	if isKnown(req.ConfigValue) && !req.ConfigValue.ValueBool() {
		addInvalid(&resp.Diagnostics, req.Path, errors.New("must be true. To compare with another value than null, remove null_value"))
	}
}

// columnFilterValidator rejects a filter without a value, and a value that the operator does not accept.
type columnFilterValidator struct{ undescribed }

func (columnFilterValidator) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	attributes := req.ConfigValue.Attributes()
	operator, ok := attributes["operator"].(types.String)
	if !ok || !isKnown(operator) {
		return
	}
	for _, shape := range filterShapes {
		if !slices.Contains(shape.operators, operator.ValueString()) {
			continue
		}
		var set []string
		misfit, unknown, empty := false, false, true
		for _, name := range []string{"number_value", "string_value", "bool_value", "null_value", "string_values", "number_values"} {
			switch value := attributes[name]; {
			case value.IsUnknown():
				unknown = true // the value may become null
			case value.IsNull():
			case slices.Contains(shape.values, name):
				set = append(set, name)
				list, isList := value.(types.List)
				empty = empty && isList && len(list.Elements()) == 0
			default:
				misfit = true
				addInvalid(&resp.Diagnostics, req.Path.AtName(name), fmt.Errorf(
					"does not fit the operator %q, which accepts %s", operator.ValueString(), shape.accepts))
			}
		}
		at := req.Path.AtName("operator")
		switch {
		case len(set) == 0 && !unknown && !misfit:
			addInvalid(&resp.Diagnostics, at, fmt.Errorf("is %q, which needs %s. This filter has no value. %s", operator.ValueString(), shape.accepts,
				"Check it for null, and for a misspelt name, which Terraform ignores"))
		case empty && !unknown && !misfit:
			isNotDefined.warn(req.Path.AtName(set[0]), &resp.Diagnostics)
		case len(set) > 1 && !shape.both:
			addInvalid(&resp.Diagnostics, at, fmt.Errorf("is %q, which accepts %s. %d are set: %s",
				operator.ValueString(), shape.accepts, len(set), strings.Join(set, ", ")))
		}
	}
}

// columnFilters converts the filters to those of the client.
func columnFilters(ctx context.Context, list types.List, diags *diag.Diagnostics) []openlayer.ColumnFilter {
	models := elements[columnFilterModel](ctx, list, diags)
	if models == nil {
		return nil
	}
	filters := make([]openlayer.ColumnFilter, len(models))
	for i, model := range models {
		filters[i] = openlayer.ColumnFilter{
			Measurement: model.Measurement.ValueString(),
			Operator:    model.Operator.ValueString(),
			Value:       model.value(ctx, diags),
		}
	}
	return filters
}

// value returns the value of a filter, nil for null. The validator has checked that the filter has a value.
func (m columnFilterModel) value(ctx context.Context, diags *diag.Diagnostics) any {
	switch {
	case !m.NumberValue.IsNull():
		return jsonNumber(m.NumberValue)
	case !m.StringValue.IsNull():
		return m.StringValue.ValueString()
	case !m.BoolValue.IsNull():
		return m.BoolValue.ValueBool()
	case m.NullValue.ValueBool():
		return nil
	}
	values := []any{}
	for _, text := range elements[string](ctx, m.StringValues, diags) {
		values = append(values, text)
	}
	for _, number := range elements[types.Number](ctx, m.NumberValues, diags) {
		values = append(values, jsonNumber(number))
	}
	return values
}

// jsonNumber formats a number with the digits of its literal in the configuration.
func jsonNumber(number types.Number) json.Number {
	return json.Number(number.ValueBigFloat().Text('f', -1))
}

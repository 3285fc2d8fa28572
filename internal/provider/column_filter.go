package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

// columnFilterModel is one of the column_filters. The API has one field "value" of any type;
// Terraform's attributes have one type each, hence five of them.
type columnFilterModel struct {
	Measurement  types.String `tfsdk:"measurement"`
	Operator     types.String `tfsdk:"operator"`
	NumberValue  types.Number `tfsdk:"number_value"`
	StringValue  types.String `tfsdk:"string_value"`
	BoolValue    types.Bool   `tfsdk:"bool_value"`
	StringValues types.List   `tfsdk:"string_values"`
	NumberValues types.List   `tfsdk:"number_values"`
}

// operatorValues are the operators of the API's three shapes of filter and the attributes that hold
// their value. Those with one value at most take none for null.
var operatorValues = []struct {
	operators []string
	values    []string
	atLeast   int
	atMost    int
	takes     string
}{
	{
		operators: []string{">", ">=", "<", "<="},
		values:    []string{"number_value"}, atLeast: 1, atMost: 1,
		takes: "number_value",
	},
	{
		operators: []string{"is", "!="},
		values:    []string{"number_value", "string_value", "bool_value"}, atLeast: 0, atMost: 1,
		takes: "one of number_value, string_value and bool_value, or none of them to compare with null",
	},
	{
		operators: []string{"contains_none", "contains_any", "contains_all", "one_of", "none_of"},
		values:    []string{"string_values", "number_values"}, atLeast: 1, atMost: 2,
		takes: "string_values, number_values, or both",
	},
}

func columnFilterSchema() schema.NestedAttributeObject {
	var operators []string
	for _, shape := range operatorValues {
		operators = append(operators, shape.operators...)
	}
	return schema.NestedAttributeObject{
		Validators: []validator.Object{columnFilterValidator{}},
		Attributes: map[string]schema.Attribute{
			"measurement": schema.StringAttribute{
				MarkdownDescription: "The name of the column, such as `cost`.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"operator": schema.StringAttribute{
				MarkdownDescription: "How the column is compared: `>`, `>=`, `<`, `<=` with `number_value`; `is`, `!=` with " +
					"`number_value`, `string_value` or `bool_value`, or with none of them for null; `contains_none`, `contains_any`, " +
					"`contains_all`, `one_of`, `none_of` with `string_values`, `number_values` or both. Mind the spelling of these attributes: " +
					"inside of an object, Terraform ignores a name that it does not know, and `is` without a value means null.",
				Required:   true,
				Validators: []validator.String{stringvalidator.OneOf(operators...)},
			},
			"number_value": schema.NumberAttribute{
				MarkdownDescription: "The number to compare with, for `>`, `>=`, `<`, `<=`, `is` and `!=`.",
				Optional:            true,
				Validators:          []validator.Number{finite{}},
			},
			"string_value": schema.StringAttribute{
				MarkdownDescription: "The text to compare with, for `is` and `!=`.",
				Optional:            true,
			},
			"bool_value": schema.BoolAttribute{
				MarkdownDescription: "The truth value to compare with, for `is` and `!=`.",
				Optional:            true,
			},
			"string_values": schema.ListAttribute{
				MarkdownDescription: "The texts to look for, for `contains_none`, `contains_any`, `contains_all`, `one_of` and `none_of`.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.List{listvalidator.NoNullValues()},
			},
			"number_values": schema.ListAttribute{
				MarkdownDescription: "The numbers to look for, for the same operators as `string_values`; with both, the API gets one list.",
				ElementType:         types.NumberType,
				Optional:            true,
				Validators:          []validator.List{listvalidator.NoNullValues(), listvalidator.ValueNumbersAre(finite{})},
			},
		},
	}
}

// columnFilterValidator finds a value that the operator does not take.
type columnFilterValidator struct{}

func (columnFilterValidator) Description(context.Context) string {
	return "the operator decides which value the filter takes"
}

func (v columnFilterValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (columnFilterValidator) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	attributes := req.ConfigValue.Attributes()
	operator, ok := attributes["operator"].(types.String)
	if !ok || operator.IsNull() || operator.IsUnknown() {
		return
	}
	for _, shape := range operatorValues {
		if !slices.Contains(shape.operators, operator.ValueString()) {
			continue
		}
		set, settled := 0, true
		for _, name := range []string{"number_value", "string_value", "bool_value", "string_values", "number_values"} {
			value := attributes[name]
			switch takes := slices.Contains(shape.values, name); {
			case isUnknown(value):
				settled = false // it may turn out to be null
			case isNull(value):
			case takes:
				set++
			default:
				settled = false // one error is enough
				resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Value does not fit the operator", fmt.Sprintf(
					"In %s, the operator %q takes %s; %s is set.", req.Path, operator.ValueString(), shape.takes, name))
			}
		}
		if set < shape.atLeast && settled {
			resp.Diagnostics.AddAttributeError(req.Path.AtName("operator"), "Value missing", fmt.Sprintf(
				"In %s, the operator %q takes %s; nothing is set.", req.Path, operator.ValueString(), shape.takes))
		}
		if set > shape.atMost {
			resp.Diagnostics.AddAttributeError(req.Path.AtName("operator"), "Too many values", fmt.Sprintf(
				"In %s, the operator %q takes %s; %d are set.", req.Path, operator.ValueString(), shape.takes, set))
		}
	}
}

func isNull(value attr.Value) bool    { return value == nil || value.IsNull() }
func isUnknown(value attr.Value) bool { return value != nil && value.IsUnknown() }

// columnFilters are the filters in the API's shapes.
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

// value is the one value of a filter that has been validated, nil for null.
func (m columnFilterModel) value(ctx context.Context, diags *diag.Diagnostics) any {
	switch {
	case !m.NumberValue.IsNull():
		return jsonNumber(m.NumberValue)
	case !m.StringValue.IsNull():
		return m.StringValue.ValueString()
	case !m.BoolValue.IsNull():
		return m.BoolValue.ValueBool()
	case m.StringValues.IsNull() && m.NumberValues.IsNull():
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

// jsonNumber writes a number in the digits that its literal has in the configuration.
func jsonNumber(number types.Number) json.Number {
	return json.Number(number.ValueBigFloat().Text('f', -1))
}

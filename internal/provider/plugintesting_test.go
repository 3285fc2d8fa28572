package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// This file has the helpers of the acceptance tests with plugin-testing. They run a real CLI, and the provider sends
// its requests to the fakes. The provider runs in the process of the test. A configuration has several data sources,
// because a run of the CLI is slow.

// accPreamble is the beginning of a configuration. The environment configures the provider.
const accPreamble = `
terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}
`

type accFactories = map[string]func() (tfprotov6.ProviderServer, error)

func accProvider(p *testProvider) accFactories {
	return accFactories{"llmusers": func() (tfprotov6.ProviderServer, error) { return newProtocolServer(&p.llmUsersProvider), nil }}
}

// accApply applies a configuration and checks that the plans after it are empty. want has the expected attributes, or
// parts of them, as JSON, by data source.
func accApply(t *testing.T, p *testProvider, config string, want map[string]string) {
	t.Helper()
	checks := []statecheck.StateCheck{accNoCredentials{}}
	for address, attributes := range want {
		checks = append(checks, accState(t, address, attributes)...)
	}
	// With an output for each data source, the plan is empty only if the results of the data sources have not changed.
	for _, block := range accBlocks(config) {
		config += fmt.Sprintf("output %q {\n  value = data.%s\n}\n", strings.ReplaceAll(block, ".", "_"), block)
		if want[block] == "" {
			t.Errorf("want has no attributes of data.%s", block)
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(p),
		Steps: []resource.TestStep{{
			Config:            accPreamble + config,
			ConfigStateChecks: checks,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{accNoCredentials{}},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		}},
	})
}

// accState returns checks for attributes of a data source, in JSON.
func accState(t *testing.T, address, attributes string) (checks []statecheck.StateCheck) {
	t.Helper()
	object, _ := fromJSON(t, attributes).(map[string]any)
	for name, attribute := range object {
		checks = append(checks, statecheck.ExpectKnownValue("data."+address, tfjsonpath.New(name), accKnown(attribute)))
	}
	return checks
}

// accBlocks returns the data sources of a configuration, as type.name.
func accBlocks(config string) []string {
	var blocks []string
	for _, match := range regexp.MustCompile(`(?m)^\s*data "(\w+)" "(\w+)"`).FindAllStringSubmatch(config, -1) {
		blocks = append(blocks, match[1]+"."+match[2])
	}
	return blocks
}

// accFail plans a configuration, and checks that the errors of each data source contain these parts, and that there are
// no other errors.
func accFail(t *testing.T, p *testProvider, config string, want map[string][]string) {
	t.Helper()
	got := accErrors(t, p, accPreamble+config)
	for _, block := range accBlocks(config) {
		if len(want[block]) == 0 {
			t.Errorf("want has no errors of data.%s", block)
		}
	}
	for address, parts := range want {
		for _, part := range parts {
			if !strings.Contains(got["data."+address], part) {
				t.Errorf("%s: the error lacks %q:\n%s", address, part, got["data."+address])
			}
		}
		delete(got, "data."+address)
	}
	for address, text := range got {
		t.Errorf("unexpected error at %s:\n%s", address, text)
	}
}

// accErrors plans a configuration that must fail. It returns the errors as single lines, by the address of their data
// source.
func accErrors(t *testing.T, p *testProvider, config string) map[string]string {
	t.Helper()
	var failure error
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(p),
		// Collect all errors, because the ExpectError of a step would accept an error that matches beside others that do not.
		ErrorCheck: func(err error) error {
			failure = err
			return nil
		},
		Steps: []resource.TestStep{{Config: config, PlanOnly: true}},
	})
	if failure == nil {
		t.Fatal("the plan did not fail")
	}
	if accHasCredential(failure.Error()) {
		t.Errorf("the error contains a credential:\n%s", failure)
	}
	errorsAt := map[string]string{}
	for _, diagnostic := range strings.Split(failure.Error(), "\nError: ")[1:] {
		address := "elsewhere"
		if match := regexp.MustCompile(` in data "(\w+)" "(\w+)":`).FindStringSubmatch(diagnostic); match != nil {
			address = "data." + match[1] + "." + match[2]
		}
		errorsAt[address] += strings.Join(strings.Fields(diagnostic), " ") + "\n"
	}
	if len(errorsAt) == 0 {
		t.Fatalf("the plan failed without a diagnostic:\n%s", failure)
	}
	return errorsAt
}

// accMessage returns a pattern for an error with these parts in this order. It ignores the CLI's line breaks.
func accMessage(parts ...string) *regexp.Regexp {
	patterns := make([]string, len(parts))
	for i, part := range parts {
		words := strings.Fields(part)
		for j, word := range words {
			words[j] = regexp.QuoteMeta(word)
		}
		patterns[i] = strings.Join(words, `\s+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// accNoCredentials checks that a plan or a state contains no credential.
type accNoCredentials struct{}

func (accNoCredentials) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = accCredentialIn("plan", req.Plan)
}

func (accNoCredentials) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = accCredentialIn("state", req.State)
}

func accCredentialIn(name string, v any) error {
	text, err := json.Marshal(v)
	if err == nil && accHasCredential(string(text)) {
		err = fmt.Errorf("the %s contains a credential", name)
	}
	return err
}

func accHasCredential(text string) bool {
	return strings.Contains(text, testAPIKey) || strings.Contains(text, testToken)
}

// accUsersWith returns a check for a list of users with these IDs. Without IDs, the list must be empty, not null.
func accUsersWith(ids ...string) knownvalue.Check {
	users := make([]any, len(ids))
	for i, id := range ids {
		users[i] = map[string]any{"id": id}
	}
	return accKnown(users)
}

// accKnown returns a check for a value that fromJSON returned. An object may have more attributes.
func accKnown(want any) knownvalue.Check {
	switch want := want.(type) {
	case bool:
		return knownvalue.Bool(want)
	case string:
		return knownvalue.StringExact(want)
	case json.Number:
		// 512 bits is the precision of Terraform's numbers.
		number, _, err := big.ParseFloat(want.String(), 10, 512, big.ToNearestEven)
		if err != nil {
			panic(err)
		}
		return knownvalue.NumberExact(number)
	case []any:
		list := make([]knownvalue.Check, len(want))
		for i, element := range want {
			list[i] = accKnown(element)
		}
		return knownvalue.ListExact(list)
	case map[string]any:
		object := map[string]knownvalue.Check{}
		for name, attribute := range want {
			object[name] = accKnown(attribute)
		}
		return knownvalue.ObjectPartial(object)
	}
	return knownvalue.Null()
}

// accChecks has the expected messages of each check block of a plan, by name, nil for a check that passes.
type accChecks map[string][]string

func (want accChecks) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	got := accChecks{}
	for _, check := range req.Plan.Checks {
		if check.Address.Kind != "check" {
			continue
		}
		messages := []string(nil)
		for _, instance := range check.Instances {
			for _, problem := range instance.Problems {
				messages = append(messages, problem.Message)
			}
		}
		if passed := check.Status == "pass"; passed == (len(messages) > 0) {
			messages = append(messages, "status "+string(check.Status))
		}
		got[check.Address.Name] = messages
	}
	if !reflect.DeepEqual(got, want) {
		resp.Error = fmt.Errorf("checks: got %q, want %q", got, want)
	}
}

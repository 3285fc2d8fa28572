package provider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// accBoth is a configuration with a data source of each vendor.
const accBoth = accPreamble + `
data "openlayer_pipeline_users" "bot" {
  provider              = llmusers
  inference_pipeline_id = "` + testPipeline + `"
}

data "vectara_users" "team" {
  provider = llmusers
}
`

// accFakes returns fakes with accPipelineUsers and accTeam.
func accFakes(t *testing.T) *fakes {
	t.Helper()
	f := newFakes(t)
	f.openlayer.SetUsers(testPipeline, accPipelineUsers)
	f.vectara.SetUsers(accTeam)
	return f
}

// The provider block can configure the provider, also for only one vendor. (In the other acceptance tests, the
// environment configures it.)
func TestAccProviderConfiguration(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	variables := fmt.Sprintf("variable \"api_key\" {\n  default = %q\n}\nvariable \"token\" {\n  default = %q\n}\n", testAPIKey, testToken)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(nil)),
		Steps: []resource.TestStep{
			{
				Config: accPreamble + `
					provider "llmusers" {
					  openlayer_base_url = "http://api.openlayer.com/v1"
					}
					data "vectara_users" "team" { provider = llmusers }`,
				PlanOnly:    true,
				ExpectError: accMessage("openlayer_base_url must begin with https://", "Only a loopback address may begin with http://"),
			},
			{
				Config: accPreamble + variables + `
					provider "llmusers" {
					  openlayer_api_key  = var.api_key
					  openlayer_base_url = "` + f.openlayerServer.URL + openlayertest.BasePath + `/"
					  max_retries     = 0
					  max_concurrency = 1
					}
					data "openlayer_pipeline_users" "bot" {
					  provider              = llmusers
					  inference_pipeline_id = "` + testPipeline + `"
					}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.openlayer_pipeline_users.bot", tfjsonpath.New("users"), accUsersWith("ada", "bo", "cy", "dee")),
				},
			},
			{
				// The data source's customer_id overrides the provider's vectara_customer_id, for which the token is not valid.
				Config: accPreamble + variables + `
					provider "llmusers" {
					  vectara_customer_id = "99"
					  vectara_oauth_token = var.token
					  vectara_base_url    = "` + f.vectaraServer.URL + `"
					}
					data "vectara_users" "team" {
					  provider    = llmusers
					  customer_id = "` + testCustomerID + `"
					}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.vectara_users.team", tfjsonpath.New("users"), accUsersWith("9", "31", "200", "1000")),
				},
			},
		},
	})
}

// If the credential of a vendor is missing, only the vendor's data source fails.
func TestAccMissingCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		without []string
		errors  map[string][]string // parts of the errors, by data source
	}{
		"openlayer": {
			without: []string{envOpenlayerAPIKey},
			errors:  map[string][]string{"data.openlayer_pipeline_users.bot": {"Openlayer API key missing", "openlayer_api_key", envOpenlayerAPIKey}},
		},
		"vectara": {
			without: []string{envVectaraOAuthToken},
			errors:  map[string][]string{"data.vectara_users.team": {"Vectara credential missing", "vectara_oauth_token", envVectaraOAuthToken}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := accFakes(t)
			env := f.environment()
			for _, variable := range test.without {
				delete(env, variable)
			}
			got := accErrors(t, newTestProvider(env), accBoth)
			for address, parts := range test.errors {
				for _, part := range parts {
					if !strings.Contains(got[address], part) {
						t.Errorf("the error at %s lacks %q:\n%s", address, part, got[address])
					}
				}
				delete(got, address)
			}
			if len(got) > 0 {
				t.Errorf("unexpected: %v", got)
			}
		})
	}
}

// A credential that Terraform knows only after apply is an error. After an apply of only its resource, as the error
// advises, the read succeeds.
func TestAccUnknownCredential(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	env := f.environment()
	delete(env, envOpenlayerAPIKey)
	key := fmt.Sprintf("resource \"terraform_data\" \"key\" {\n  input = %q\n}\n", testAPIKey)
	config := accBoth + key + `
		provider "llmusers" {
		  openlayer_api_key = terraform_data.key.output
		}`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(env)),
		Steps: []resource.TestStep{
			{
				Config:      config,
				PlanOnly:    true,
				ExpectError: accMessage("Openlayer API key not known yet", "data.openlayer_pipeline_users.bot", "openlayer_api_key", envOpenlayerAPIKey, "terraform apply -target"),
			},
			{Config: accPreamble + key},
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.openlayer_pipeline_users.bot", tfjsonpath.New("users"), accUsersWith("ada", "bo", "cy", "dee")),
				},
			},
		},
	})
}

// Terraform reads a data source during apply if it knows the arguments only then.
func TestAccArgumentsKnownAfterApply(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	openlayer, vectara := "data.openlayer_pipeline_users.bot", "data.vectara_users.team"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(f.environment())),
		Steps: []resource.TestStep{{
			Config: accPreamble + `
				resource "terraform_data" "known_after" {
				  input = {
				    pipeline = "` + testPipeline + `", column = "cost", operator = ">=", cost = 12.5, texts = ["germany"], rows = [3], size = 2,
				    customer = "` + testCustomerID + `", type = "LIST_USERS_TYPE__CUSTOMER", timeout = "45s", limit = "1m"
				  }
				}
				locals { after = terraform_data.known_after.output }
				data "openlayer_pipeline_users" "bot" {
				  provider              = llmusers
				  inference_pipeline_id = local.after.pipeline
				  per_page              = local.after.size
				  sort_column           = local.after.column
				  asc                   = local.after.size > 9
				  column_filters        = [{ measurement = local.after.column, operator = local.after.operator, number_value = local.after.cost }]
				  search_query_or       = local.after.texts
				  exclude_row_id_list   = local.after.rows
				  timeouts { read = local.after.limit }
				}
				data "vectara_users" "team" {
				  provider        = llmusers
				  customer_id     = local.after.customer
				  list_users_type = local.after.type
				  num_results     = local.after.size
				  request_timeout = local.after.timeout
				  timeouts { read = local.after.limit }
				}`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(openlayer, tfjsonpath.New("users")),
				plancheck.ExpectUnknownValue(vectara, tfjsonpath.New("users")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(openlayer, tfjsonpath.New("users"), accUsersWith("cy")),
				statecheck.ExpectKnownValue(vectara, tfjsonpath.New("users"), accUsersWith("9", "1000")),
			},
		}},
	})
}

// The expressions of outputs, checks, preconditions and postconditions can use the users.
func TestAccPolicies(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	failing := func(config string, message ...string) resource.TestStep {
		return resource.TestStep{Config: accPreamble + config, PlanOnly: true, ExpectError: accMessage(message...)}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(f.environment())),
		Steps: []resource.TestStep{
			{
				Config: accBoth + `
					locals {
					  owners = [for u in data.vectara_users.team.users : u.email if contains(u.roles, "CustomerRole_Owner")]
					  costly = [for u in data.openlayer_pipeline_users.bot.users : u.id if u.cost > 10]
					}
					output "owners" { value = local.owners }
					output "cost" { value = { for u in data.openlayer_pipeline_users.bot.users : u.id => u.cost } }
					output "total" { value = data.openlayer_pipeline_users.bot.summary.cost }
					output "a_tenth" { value = data.openlayer_pipeline_users.bot.users[0].cost == 0.1 }
					check "one_owner" {
					  assert {
					    condition     = length(local.owners) == 1
					    error_message = "Not one owner."
					  }
					}
					check "nobody_is_costly" {
					  assert {
					    condition     = length(local.costly) == 0
					    error_message = "Cost more than 10: ${join(", ", local.costly)}."
					  }
					}`,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{accChecks{"one_owner": nil, "nobody_is_costly": {"Cost more than 10: bo, cy."}}},
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("owners", accKnown(fromJSON(t, `["olga@northwind.example"]`))),
					statecheck.ExpectKnownOutputValue("cost", accKnown(fromJSON(t, `{"ada": 0.1, "bo": 20, "cy": 12.5, "dee": 0}`))),
					statecheck.ExpectKnownOutputValue("total", accKnown(json.Number("32.6"))), // Terraform's sum() returns 32.600000000000000006
					statecheck.ExpectKnownOutputValue("a_tenth", knownvalue.Bool(true)),
				},
			},
			failing(`
				data "openlayer_pipeline_users" "bot" {
				  provider              = llmusers
				  inference_pipeline_id = "`+testPipeline+`"
				  lifecycle {
				    postcondition {
				      condition     = alltrue([for u in self.users : u.cost <= 10])
				      error_message = "Cost more than 10: ${join(", ", [for u in self.users : u.id if u.cost > 10])}."
				    }
				  }
				}`, "Resource postcondition failed", "Cost more than 10: bo, cy."),
			failing(`
				data "vectara_users" "team" { provider = llmusers }
				resource "terraform_data" "deployment" {
				  lifecycle {
				    precondition {
				      condition     = alltrue([for u in data.vectara_users.team.users : u.enabled != false || length(u.roles) == 0])
				      error_message = "Disabled, but not without a role: ${join(", ", [for u in data.vectara_users.team.users : u.handle if u.enabled == false])}."
				    }
				  }
				}`, "Resource precondition failed", "Disabled, but not without a role: abel."),
			failing(`
				data "vectara_users" "team" { provider = llmusers }
				output "size" {
				  value = length(data.vectara_users.team.users)
				  precondition {
				    condition     = length(data.vectara_users.team.users) <= 3
				    error_message = "The team has ${length(data.vectara_users.team.users)} members."
				  }
				}`, "output value precondition failed", "The team has 4 members."),
		},
	})
}

// The plan does not depend on the order in which the APIs list users. It changes if a user is missing.
func TestAccStablePlan(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	config := accBoth + `
		output "users" { value = [data.openlayer_pipeline_users.bot.users, data.vectara_users.team.users] }`
	set := func(users []openlayertest.User, team []vectaratest.User) func() {
		return func() {
			f.openlayer.SetUsers(testPipeline, users)
			f.vectara.SetUsers(team)
		}
	}
	reversedUsers, reversedTeam := slices.Clone(accPipelineUsers), slices.Clone(accTeam)
	slices.Reverse(reversedUsers)
	slices.Reverse(reversedTeam)
	again := func(check plancheck.PlanCheck) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{check}}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(f.environment())),
		Steps: []resource.TestStep{
			{Config: config, ConfigPlanChecks: again(plancheck.ExpectEmptyPlan())},
			{Config: config, PreConfig: set(reversedUsers, reversedTeam), PlanOnly: true, ConfigPlanChecks: again(plancheck.ExpectEmptyPlan())},
			{Config: config, PreConfig: set(accPipelineUsers, accTeam[:3]), PlanOnly: true, ConfigPlanChecks: again(plancheck.ExpectNonEmptyPlan()), ExpectNonEmptyPlan: true},
			{Config: config, PreConfig: set(accPipelineUsers[:3], accTeam), PlanOnly: true, ConfigPlanChecks: again(plancheck.ExpectNonEmptyPlan()), ExpectNonEmptyPlan: true},
		},
	})
}

// An attribute of the provider is sensitive if its name ends in api_key, _token, _secret or password, and only then.
func TestProviderSchemaHidesCredentials(t *testing.T) {
	t.Parallel()
	credential := regexp.MustCompile(`(api_key|_token|_secret|password)$`)
	found := 0
	var look func(path string, attributes []*tfprotov6.SchemaAttribute)
	look = func(path string, attributes []*tfprotov6.SchemaAttribute) {
		for _, attribute := range attributes {
			if want := credential.MatchString(attribute.Name); want != attribute.Sensitive {
				t.Errorf("%s%s: sensitive is %v", path, attribute.Name, attribute.Sensitive)
			}
			if attribute.Sensitive {
				found++
			}
			if attribute.NestedType != nil {
				look(path+attribute.Name+".", attribute.NestedType.Attributes)
			}
		}
	}
	look("", newServer(t, newTestProvider(nil)).schemas.Provider.Block.Attributes)
	if found < 2 {
		t.Errorf("found %d credentials, want at least one for each vendor", found)
	}
}

// A test of a module can mock the result of a data source, so it needs no account. In Terraform 1.11, this works only
// because the schema's list of users does not have nested attributes.
func TestAccMocks(t *testing.T) {
	t.Parallel()
	schemas := newServer(t, newTestProvider(nil)).schemas.DataSourceSchemas
	for typeName, schema := range schemas {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			skipOlder(t, map[string]string{"Terraform": "1.7.0", "OpenTofu": "1.8.0"}, "mocks")
			l := rowsOf(typeName)[0]
			i := slices.IndexFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == l.list })
			list, _ := schema.Block.Attributes[i].Type.(tftypes.List)
			object, ok := list.ElementType.(tftypes.Object)
			if !ok {
				t.Fatalf("%s is %s", l.list, schema.Block.Attributes[i].Type)
			}
			user := mocked(object, map[string]string{"id": `"mocked"`})
			c := newCLI(t, newFakes(t), l.block("data"))
			write(t, c.dir, "mocks.tftest.hcl", fmt.Sprintf(`
mock_provider "llmusers" {
  mock_data %[1]q {
    defaults = {
      %[3]s = [%[2]s]
    }
  }
}

run "mocked" {
  assert {
    condition     = one(data.%[1]s.all.%[3]s).id == "mocked"
    error_message = "The mock is not used."
  }
}
`, typeName, user, l.list))
			if printed := c.must(t, "test", "-no-color"); !strings.Contains(printed, "1 passed, 0 failed") {
				t.Error(printed)
			}
		})
	}
}

// mocked returns an object for a mock, in HCL. It has all attributes, because OpenTofu requires them. An attribute
// without a value is null. But a list or a map is empty, and an object has attributes without a value, because
// Terraform accepts no null there.
func mocked(object tftypes.Object, values map[string]string) string {
	var attributes []string
	for name, typ := range object.AttributeTypes {
		value, ok := values[name]
		nested, isObject := typ.(tftypes.Object)
		switch {
		case ok:
		case isObject:
			value = mocked(nested, nil)
		case typ.Is(tftypes.List{}):
			value = "[]"
		case typ.Is(tftypes.Map{}):
			value = "{}"
		default:
			value = "null"
		}
		attributes = append(attributes, name+" = "+value)
	}
	return "{ " + strings.Join(attributes, ", ") + " }"
}

# Tests of what gets into the report, and above all of what does not.

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  company_domain        = "northwind.example"
  approved_csv          = "tests/nobody.csv"
  as_of                 = "2026-03-31"
}

# Whoever chooses a handle, a comment or an id chooses it to be read.
run "hostile_values" {
  command = plan

  variables {
    account = "<b>account</b> | `x` [a](javascript:account)"
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        {
          handle  = "\"><img src=x onerror=alert(1)>", email = "<script>alert(1)</script>", type = "USER_TYPE__<i>", enabled = true, privileged = true, created_at = "<u>0123456"
          comment = "| x | y\n# heading\r\n- item\t`code` [a](javascript:1) *b* _c_ ~~d~~ www.evil.example https://evil.example"
          may     = [["account", null, "<b>Admin", true], ["account", null, "' onclick='alert(1)", false], ["corpus", "<s>", "a|b", false], ["agent", "$${var.account} %%{ if true }", "&lt;script&gt;", false]]
        },
        # Turned around, this would read as another address.
        {
          handle  = "\u202eelpmaxe.dniwhtron@nimda\u200b", email = null, type = null, enabled = false, privileged = false, created_at = null
          comment = "\u0001\u001b[31m"
          may     = [["account", null, "\\u003cscript\\u003e \\|", false]]
        },
        # An account without an owner is not assessed.
        { handle = "ada", email = "ada@northwind.example", type = null, enabled = true, privileged = true, created_at = null, comment = null, may = [["account", null, "owner", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, type = user.type, enabled = user.enabled, created_at = user.created_at, comment = user.comment
        app_client   = false, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [], user_status = null, roles = [], ts_create = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [
        { id = "<script>alert(2)</script>", date_of_first_record = null, date_of_last_record = "</td>567890", sessions = 1, records = 2, tokens = 3, cost = 4 },
        { id = "| x | y", date_of_first_record = null, date_of_last_record = null, sessions = null, records = null, tokens = null, cost = null },
      ]
    }
  }

  expect_failures = [
    check.members_are_approved,
    check.privileged_users_belong_to_the_company,
    check.disabled_users_hold_no_role,
  ]

  # The only elements and attributes are those of the template.
  assert {
    condition     = length(regexall("(?i)<(script|img|i|b|u|s)[ >]", output.audit_html)) == 0
    error_message = "A value has become an element of the page."
  }

  assert {
    condition = alltrue([for text in [
      "&lt;script&gt;alert(1)&lt;/script&gt;", "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;", "&#39; onclick=&#39;alert(1)",
      "&amp;lt;script&amp;gt;", "$${var.account} %%{ if true }", "\\u003cscript\\u003e", "&lt;b&gt;account&lt;/b&gt;", "�elpmaxe.dniwhtron@nimda�", "�[31m",
    ] : strcontains(output.audit_html, text)])
    error_message = "The page does not show a value as it is."
  }

  # In Markdown, nothing is an element or a link, and a row stays a row.
  assert {
    condition     = length(regexall("(?i)(^|[^\\\\])<[^>]", replace(replace(output.audit_md, "/</?code>/", ""), "<br>", ""))) == 0
    error_message = "A value has become an element of the Markdown."
  }

  assert {
    condition = alltrue([for text in [
      "\\<script\\>alert(1)\\</script\\>", "\\| x \\| y # heading", "\\`code\\` \\[a\\](javascript\\:1) \\*b\\* \\_c\\_ \\~\\~d\\~\\~ www\\.evil.example https\\://evil.example",
      "\\&lt;script\\&gt;", "\\$\\{var.account\\}",
    ] : strcontains(replace(output.audit_md, "\\#", "#"), text)])
    error_message = "The Markdown does not show a value as it is."
  }

  assert {
    condition = alltrue([
      for line in split("\n", split("## Members", output.audit_md)[1]) :
      length(regexall("(^|[^\\\\])\\|", replace(line, "\\\\", ""))) == 6 if startswith(line, "| <code>")
    ])
    error_message = "A value has become a cell of a table."
  }
}

# The most expensive have a row each, and all others share one: nobody is left out of the sum.
run "long_listing" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = null, handle = "zoe", enabled = true, app_client = false, privileged = false, may = [] },
        { email = null, handle = "yan", enabled = true, app_client = false, privileged = false, may = [["account", null, "viewer", false]] },
        { email = null, handle = "abe", enabled = true, app_client = false, privileged = false, may = [] },
        { email = "xen@northwind.example", handle = "xen", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [
        for number in [
          1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        ] : { id = "user ${number}", date_of_first_record = null, date_of_last_record = null, sessions = 1000, records = 1, tokens = 1, cost = number }
      ]
    }
  }

  expect_failures = [check.members_are_approved]

  assert {
    condition     = strcontains(output.audit_md, "| and 5 more, together | 15.00 | | 3.2% | 5,000 | 5 | |\n| **All 30** | **465.00** |")
    error_message = "The report does not tell how many others there are, and what they cost."
  }

  assert {
    condition     = strcontains(output.audit_md, ">user 6<") && !strcontains(output.audit_md, ">user 5<")
    error_message = "The chart does not have the 25 most expensive."
  }

  assert {
    condition     = jsonencode(flatten(regexall("class=\"name\">([^<]+)<", output.audit_html))) == jsonencode(["xen@northwind.example", "yan", "abe", "zoe"])
    error_message = "The members are not in the order of their rights."
  }
}

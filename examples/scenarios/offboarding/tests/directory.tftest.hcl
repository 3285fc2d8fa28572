# A file that is not a directory is an error, even without enforce. The tests need no credentials and no network:
# terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory_as_of       = formatdate("YYYY-MM-DD", timestamp())
}

run "no_file" {
  command = plan

  variables {
    directory = "tests/directories/none.csv"
  }

  expect_failures = [var.directory]
}

run "empty" {
  command = plan

  variables {
    directory = "tests/directories/empty.csv"
  }

  expect_failures = [var.directory]
}

run "only_a_header" {
  command = plan

  variables {
    directory = "tests/directories/only-a-header.csv"
  }

  expect_failures = [var.directory]
}

run "semicolons" {
  command = plan

  variables {
    directory = "tests/directories/semicolons.csv"
  }

  expect_failures = [var.directory]
}

# Without the column status, each person would count as employed.
run "another_column" {
  command = plan

  variables {
    directory = "tests/directories/another-column.csv"
  }

  expect_failures = [var.directory]
}

run "cut_off" {
  command = plan

  variables {
    directory = "tests/directories/cut-off.csv"
  }

  expect_failures = [var.directory]
}

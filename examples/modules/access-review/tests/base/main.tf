# Passes the variables at the top of a test file to its runs, which may change a part of a value. (In OpenTofu, a run that
# sets a variable cannot refer to the variable of the same name in the file.)

variable "members" {
  default = []
}

variable "members_source" {
  default = {}
}

variable "approvals" {
  default = []
}

variable "directory" {
  default = null
}

variable "end_users_source" {
  default = {}
}

output "members" {
  value = var.members
}

output "source" {
  value = var.members_source
}

output "approvals" {
  value = var.approvals
}

output "directory" {
  value = var.directory
}

output "end_users_source" {
  value = var.end_users_source
}

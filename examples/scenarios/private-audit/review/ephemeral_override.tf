# variables.tf is the module's. These lines add to it that values with people are ephemeral: what is made of them is
# ephemeral as well, and in neither plan nor state.

variable "members" {
  ephemeral = true
}

variable "end_users" {
  ephemeral = true
}

variable "end_users_source" {
  ephemeral = true
}

variable "approvals" {
  ephemeral = true
}

variable "directory" {
  ephemeral = true
}

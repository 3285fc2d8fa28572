# Makes variables of variables.tf ephemeral, because their values name people. Every value computed from them is ephemeral
# too, and is in neither plan nor state.

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

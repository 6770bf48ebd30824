# A failed check does not fail `terraform plan`, whose exit code stays 0: read `checks[].status`.

check "rollback_on_request" {
  assert {
    condition = contains(
      var.deployment_group.rollback_events, "DEPLOYMENT_STOP_ON_REQUEST"
    )
    error_message = "A stop would leave traffic where it is: DEPLOYMENT_STOP_ON_REQUEST is not among the rollback events."
  }
}

check "two_sides" {
  assert {
    condition     = length(var.instances) == 2 && contains(keys(var.instances), var.incoming)
    error_message = "A cutover needs exactly two instances, and the incoming one must be among them."
  }
}

check "versions_differ" {
  assert {
    condition     = length(distinct([for one in var.instances : one.version])) == length(var.instances)
    error_message = "Both sides run the same release: a cutover between them would prove nothing."
  }
}

check "listeners_differ" {
  assert {
    condition     = var.listeners.production != var.listeners.validation
    error_message = "Production and validation need a port each."
  }
}

check "old_side_kept" {
  assert {
    condition     = var.deployment_group.old_kept_minutes >= 60
    error_message = "The old side must stay for an hour after the cutover, or there is nothing to return to."
  }
}

# The embedded stage, described as infrastructure: two instances behind one proxy, and the
# deployment group that moves traffic between them.
#
# `terraform_data` is built into Terraform, so that planning needs no provider, no account and no
# network. The stage's processes are started by `golive stage up`, not by this: what is planned
# here is the agreement that they are held to.

terraform {
  required_version = ">= 1.5"
}

resource "terraform_data" "instance" {
  for_each = var.instances

  input = {
    name        = each.key
    version     = each.value.version
    role        = each.key == var.incoming ? "incoming" : "old"
    health_path = var.health.path
    runtime     = "runtime/${each.key}"
  }
}

resource "terraform_data" "proxy" {
  input = {
    production_port = var.listeners.production
    validation_port = var.listeners.validation
    health_path     = var.health.path
    health_interval = var.health.interval_seconds
    weights         = { for name, one in var.instances : name => name == var.incoming ? 0 : 100 }
  }
}

resource "terraform_data" "deployment_group" {
  input = {
    name            = var.deployment_group.name
    configuration   = var.deployment_group.configuration
    rollback_events = sort(tolist(var.deployment_group.rollback_events))
    ready_wait      = var.deployment_group.ready_wait_minutes
    old_kept        = var.deployment_group.old_kept_minutes
    targets         = [for one in terraform_data.instance : one.input.name]
  }
}

# Only its digest is kept: a plan shows that the key changed, and never the key.
resource "terraform_data" "session_key" {
  input = { digest = sha256(var.session_key) }

  lifecycle {
    precondition {
      condition     = var.session_key == "" || length(var.session_key) >= 32
      error_message = "A session key has at least 32 characters."
    }
  }
}

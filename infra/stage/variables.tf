variable "instances" {
  description = "The two instances by name, with the release each runs."
  type        = map(object({ version = string }))
  default = {
    green = { version = "0.99" }
    blue  = { version = "1.00" }
  }
}

variable "incoming" {
  description = "The instance that traffic moves to. The other is the old one."
  type        = string
  default     = "blue"
}

variable "listeners" {
  description = "Ports of the proxy. The stage takes others where these are occupied."
  type        = object({ production = number, validation = number })
  default     = { production = 8443, validation = 9443 }
}

variable "health" {
  description = "How the proxy tells a good instance."
  type        = object({ path = string, interval_seconds = number })
  default     = { path = "/healthz", interval_seconds = 1 }
}

variable "deployment_group" {
  description = "What a deployment does, in CodeDeploy's words."
  type = object({
    name               = string
    configuration      = string
    rollback_events    = set(string)
    ready_wait_minutes = number
    old_kept_minutes   = number
  })
  default = {
    name          = "fixnado-stage"
    configuration = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
    rollback_events = [
      "DEPLOYMENT_FAILURE",
      "DEPLOYMENT_STOP_ON_ALARM",
      "DEPLOYMENT_STOP_ON_REQUEST",
    ]
    ready_wait_minutes = 0
    old_kept_minutes   = 60
  }
}

variable "session_key" {
  description = "The key that signs sessions. Set it to see in a plan whether it changed."
  type        = string
  default     = ""
  sensitive   = true
}

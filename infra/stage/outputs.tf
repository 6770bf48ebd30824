output "incoming" {
  description = "The instance that traffic moves to, and its release."
  value       = { name = var.incoming, version = var.instances[var.incoming].version }
}

output "validation_port" {
  description = "Where the incoming side is tested before it takes traffic."
  value       = var.listeners.validation
}

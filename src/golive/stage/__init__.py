"""The embedded target: two Fixnado instances behind a real Caddy, and a CodeDeploy controller."""

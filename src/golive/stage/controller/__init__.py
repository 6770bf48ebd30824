"""A deployment controller that speaks AWS CodeDeploy's wire protocol and moves Caddy's weights."""

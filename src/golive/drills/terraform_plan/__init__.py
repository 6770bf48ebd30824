"""A Terraform plan, judged from its JSON."""

from golive.drills.terraform_plan.drill import TerraformPlan

__all__ = ["TerraformPlan"]

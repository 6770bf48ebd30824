"""AWS, and whatever speaks its protocols, through boto3."""

from golive.adapters.aws.codedeploy import CodeDeploy

__all__ = ["CodeDeploy"]

"""AWS, and whatever speaks its protocols, through boto3."""

from golive.adapters.aws.cloudwatch import CloudWatchSeries
from golive.adapters.aws.codedeploy import CodeDeploy
from golive.adapters.aws.elb import ElasticLoadBalancing

__all__ = ["CloudWatchSeries", "CodeDeploy", "ElasticLoadBalancing"]

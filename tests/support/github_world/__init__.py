"""A server that speaks the part of GitHub's API which workflows need, in GitHub's own shapes."""

from github_world.server import TOKEN, GitHubServer

__all__ = ["TOKEN", "GitHubServer"]

"""The files of a repository, in a folder or in a commit."""

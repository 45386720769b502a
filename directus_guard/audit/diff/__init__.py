"""What BASE does not grant and HEAD does: `directus-guard diff`, and the step summary of a change.

Pure: two readings of the access go in, what is new comes out, judged by the checks that the new part alone fails.
Narrowed access is only counted. What is not known is an entry of its own and never left out.
"""

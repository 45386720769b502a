"""Files that are written inside of other files: here-documents, `write_files`, rendered templates."""

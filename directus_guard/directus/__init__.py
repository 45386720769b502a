"""What Directus is and does, per version. Pure: no files, no network."""

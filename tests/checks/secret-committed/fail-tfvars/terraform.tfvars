directus_secret = "4fd12aabfe228f219e9cb0eb53f16947"

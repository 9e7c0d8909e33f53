"""Files for systems that read no API: the pages of codes and conditions as HTML and PDF, written to a folder."""

"""The main job told over HTTP: people who sign in, fill in the pages' own forms and read what comes back."""

"""Stand-alone worker programs: started as files in processes of their own, imported by nobody."""

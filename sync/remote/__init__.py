"""The content of a document in another process than its room: what is asked, who asks, who answers. Sans-IO."""

"""After a process has ended: what it was working on is looked at in a child before anybody opens it again."""

def _dispatch(): return False
def _pending(): return False
def cancel_all(): pass

"""Does what a request asks for; whatever may take long, in processes that can be ended."""

"""What a studio does, one package a subject. The doors (api, realtime, jobs) call in; nothing here knows them."""

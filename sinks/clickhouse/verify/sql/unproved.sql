SELECT count() FROM verify_unproved(span = {span:UInt32}, era = {era:Int64})

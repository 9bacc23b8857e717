"""The demo shop 云杉会员商城: made through the real services, so that every figure in it is one the shop computed."""

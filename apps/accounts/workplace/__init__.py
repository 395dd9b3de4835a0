"""Signing in over WeCom (企业微信), DingTalk (钉钉) or Feishu (飞书): OAuth 2 with addresses and shapes of their own."""

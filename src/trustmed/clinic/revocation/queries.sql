-- name: digests
-- The lists that the site has, by the digest of their bytes.
select sha256 from trust.revocation_list;

-- name: contents
-- The bytes of lists.
select content from trust.revocation_list where sha256 = any(%(digests)s::text[]);

-- Accounts and client systems are made and changed by the functions of 0005_pre_keeping alone.
revoke insert, update on access.client, access.account from trustmed_region;

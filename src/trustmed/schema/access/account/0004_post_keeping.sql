-- Accounts are made and changed by the functions of 0002_pre_keeping alone; an employee comes with an account.
revoke insert, update on access.employee, access.account from trustmed_clinic;

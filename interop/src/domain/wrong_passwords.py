# How often the domain has counted a wrong password of the user that is named.
import sys
from samba.credentials import Credentials, DONT_USE_KERBEROS
from samba.param import LoadParm
from samba.samdb import SamDB

parameters = LoadParm()
parameters.load_default()
administrator = Credentials()
administrator.guess(parameters)
administrator.set_kerberos_state(DONT_USE_KERBEROS)
administrator.set_username("Administrator")
administrator.set_domain("ADLAB")
administrator.set_password("Adm1n-Passw0rd")
users = SamDB("ldap://127.0.0.1", credentials=administrator, lp=parameters)
found = users.search(expression="(sAMAccountName=" + sys.argv[1] + ")", attrs=["badPwdCount"])
print(str(found[0].get("badPwdCount", "0")))

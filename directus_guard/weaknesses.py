"""What a check finds, in the words of others: weaknesses of the CWE list, and risks of the OWASP API Security Top 10 of 2023.

A check names at least one of each, or says why no risk follows from what it finds.
"""

from __future__ import annotations

from enum import Enum


class Cwe(Enum):
    """A weakness of the Common Weakness Enumeration, by its number and its name in version 4.14."""

    CROSS_SITE_SCRIPTING = 79, "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"
    CODE_INJECTION = 94, "Improper Control of Generation of Code ('Code Injection')"
    INCOMPLETE_DENY_LIST = 184, "Incomplete List of Disallowed Inputs"
    SENSITIVE_DATA_SENT = 201, "Insertion of Sensitive Information Into Sent Data"
    UNNECESSARY_PRIVILEGES = 250, "Execution with Unnecessary Privileges"
    INCORRECT_PRIVILEGES = 266, "Incorrect Privilege Assignment"
    INCORRECT_DEFAULT_PERMISSIONS = 276, "Incorrect Default Permissions"
    SPOOFING = 290, "Authentication Bypass by Spoofing"
    CERTIFICATE_VALIDATION = 295, "Improper Certificate Validation"
    MISSING_AUTHENTICATION = 306, "Missing Authentication for Critical Function"
    EXCESSIVE_AUTHENTICATION_ATTEMPTS = 307, "Improper Restriction of Excessive Authentication Attempts"
    SINGLE_FACTOR = 308, "Use of Single-factor Authentication"
    CLEARTEXT_STORAGE = 312, "Cleartext Storage of Sensitive Information"
    CLEARTEXT_TRANSMISSION = 319, "Cleartext Transmission of Sensitive Information"
    INSUFFICIENT_ENTROPY = 331, "Insufficient Entropy"
    LESS_TRUSTED_SOURCE = 348, "Use of Less Trusted Source"
    CROSS_SITE_REQUEST_FORGERY = 352, "Cross-Site Request Forgery (CSRF)"
    PERSONAL_INFORMATION = 359, "Exposure of Private Personal Information to an Unauthorized Actor"
    DANGEROUS_UPLOAD = 434, "Unrestricted Upload of File with Dangerous Type"
    CONFUSED_DEPUTY = 441, "Unintended Proxy or Intermediary ('Confused Deputy')"
    UI_MISREPRESENTATION = 451, "User Interface (UI) Misrepresentation of Critical Information"
    ACTIVE_DEBUG_CODE = 489, "Active Debug Code"
    NO_INTEGRITY_CHECK = 494, "Download of Code Without Integrity Check"
    SYSTEM_INFORMATION = 497, "Exposure of Sensitive System Information to an Unauthorized Control Sphere"
    WEAK_PASSWORD_REQUIREMENTS = 521, "Weak Password Requirements"
    UNPROTECTED_CREDENTIALS = 522, "Insufficiently Protected Credentials"
    SECRETS_IN_ENVIRONMENT = 526, "Cleartext Storage of Sensitive Information in an Environment Variable"
    EXPOSED_BACKUP = 530, "Exposure of Backup File to an Unauthorized Control Sphere"
    SENSITIVE_LOG = 532, "Insertion of Sensitive Information into Log File"
    SENSITIVE_FILE = 538, "Insertion of Sensitive Information into Externally-Accessible File or Directory"
    SENSITIVE_SOURCE = 540, "Inclusion of Sensitive Information in Source Code"
    EXPOSED_FILES = 552, "Files or Directories Accessible to External Parties"
    SENSITIVE_QUERY_STRING = 598, "Use of GET Request Method With Sensitive Query Strings"
    OPEN_REDIRECT = 601, "URL Redirection to Untrusted Site ('Open Redirect')"
    SESSION_EXPIRATION = 613, "Insufficient Session Expiration"
    COOKIE_WITHOUT_SECURE = 614, "Sensitive Cookie in HTTPS Session Without 'Secure' Attribute"
    FAILING_OPEN = 636, "Not Failing Securely ('Failing Open')"
    USER_CONTROLLED_KEY = 639, "Authorization Bypass Through User-Controlled Key"
    PASSWORD_RECOVERY = 640, "Weak Password Recovery Mechanism for Forgotten Password"
    TRUSTED_HTTP_METHOD = 650, "Trusting HTTP Permission Methods on the Server Side"
    IMPROPER_ISOLATION = 653, "Improper Isolation or Compartmentalization"
    PROTECTION_FAILURE = 693, "Protection Mechanism Failure"
    DUPLICATE_IDENTIFIER = 694, "Use of Multiple Resources with Duplicate Identifier"
    CRITICAL_PERMISSIONS = 732, "Incorrect Permission Assignment for Critical Resource"
    NO_LIMITS = 770, "Allocation of Resources Without Limits or Throttling"
    HARD_CODED_CREDENTIALS = 798, "Use of Hard-coded Credentials"
    INTERACTION_FREQUENCY = 799, "Improper Control of Interaction Frequency"
    UNTRUSTED_FUNCTIONALITY = 829, "Inclusion of Functionality from Untrusted Control Sphere"
    MISSING_AUTHORIZATION = 862, "Missing Authorization"
    INCORRECT_AUTHORIZATION = 863, "Incorrect Authorization"
    MASS_ASSIGNMENT = 915, "Improperly Controlled Modification of Dynamically-Determined Object Attributes"
    WEAK_PASSWORD_HASH = 916, "Use of Password Hash With Insufficient Computational Effort"
    SERVER_SIDE_REQUEST_FORGERY = 918, "Server-Side Request Forgery (SSRF)"
    PERMISSIVE_CROSS_DOMAIN = 942, "Permissive Cross-domain Policy with Untrusted Domains"
    UNMAINTAINED_COMPONENT = 1104, "Use of Unmaintained Third Party Components"
    INSECURE_DEFAULT = 1188, "Initialization of a Resource with an Insecure Default"
    COOKIE_SAME_SITE = 1275, "Sensitive Cookie with Improper SameSite Attribute"
    UNRESTRICTED_ADDRESS = 1327, "Binding to an Unrestricted IP Address"
    WEAK_AUTHENTICATION = 1390, "Weak Authentication"
    WEAK_CREDENTIALS = 1391, "Use of Weak Credentials"
    DEFAULT_CREDENTIALS = 1392, "Use of Default Credentials"
    VULNERABLE_COMPONENT = 1395, "Dependency on Vulnerable Third-Party Component"

    @property
    def number(self) -> int:
        return self.value[0]

    @property
    def id(self) -> str:
        """As in `CWE-79`."""
        return f"CWE-{self.number}"

    @property
    def title(self) -> str:
        """Its name in the list."""
        return self.value[1]

    @property
    def address(self) -> str:
        """Its page."""
        return f"https://cwe.mitre.org/data/definitions/{self.number}.html"


class OwaspRisk(Enum):
    """A risk of the OWASP API Security Top 10, edition of 2023."""

    API1 = 1, "Broken Object Level Authorization"
    API2 = 2, "Broken Authentication"
    API3 = 3, "Broken Object Property Level Authorization"
    API4 = 4, "Unrestricted Resource Consumption"
    API5 = 5, "Broken Function Level Authorization"
    API6 = 6, "Unrestricted Access to Sensitive Business Flows"
    API7 = 7, "Server Side Request Forgery"
    API8 = 8, "Security Misconfiguration"
    API9 = 9, "Improper Inventory Management"
    API10 = 10, "Unsafe Consumption of APIs"

    @property
    def number(self) -> int:
        return self.value[0]

    @property
    def id(self) -> str:
        """As in `API1:2023`."""
        return f"API{self.number}:2023"

    @property
    def title(self) -> str:
        """Its name in the list."""
        return self.value[1]

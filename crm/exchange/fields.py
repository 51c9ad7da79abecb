"""What can be imported, and how each cell is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from crm.donations.models import Method
from crm.exchange.models import Kind
from crm.lib import contact
from crm.lib.notations import NotRead, read_day, read_minor, read_moment, read_yes_or_no
from crm.lib.sheets import Detected
from crm.people.models import Supporter

EVERY = frozenset(Kind.values)
SIGNATURES, GIFTS = frozenset({Kind.SIGNATURES}), frozenset({Kind.GIFTS})
Reader = Callable[[str], Any]
LANGUAGES = {
    "fr": "fr français francais french frans fr_be fr_fr fra fre",
    "nl": "nl néerlandais neerlandais nederlands dutch nl_be nl_nl nld dut vl flamand",
    "en": "en anglais english engels en_us en_gb eng",
}
LANGUAGE = {word: code for code, words in LANGUAGES.items() for word in words.split()}
FORMS = {
    Supporter.Form.MADAM: "madam mme mme. madame mevr mevr. mevrouw mrs mrs. ms ms. miss mlle f"
    " female",
    Supporter.Form.SIR: "sir m m. mr mr. monsieur dhr dhr. heer de_heer male man h homme",
    Supporter.Form.NEUTRAL: "mx mx. x neutral neutre neutraal",
}
FORM = {word: form for form, words in FORMS.items() for word in words.split()}
ORGANISATIONS = frozenset(
    re.findall(
        r"\w+",
        "organisation organization organisatie association asbl vzw company société"
        " societe bedrijf entreprise household",
    )
)
PERSONS = frozenset(("individual", "individu", "person", "personne", "persoon", "particulier"))
# What newsletter tools say of an address; whoever does not want our mail, or complained, says no.
SUBSCRIBED = {"subscribed": True, "optin": True, "opt-in": True, "opted in": True} | dict.fromkeys(
    re.split(
        ",",
        "unsubscribed,optout,opt-out,opted out,cleaned,bouncing,bounced,spam complaint,"
        "spam complaints,archived",
    ),
    False,
)
SAID_NOTHING = frozenset(("never subscribed", "nonsubscribed", "non-subscribed", "transactional"))
METHODS = {
    Method.CARD: "card cb carte carte_bancaire credit_card kaart kredietkaart visa mastercard",
    Method.BANCONTACT: "bancontact payconiq",
    Method.IDEAL: "ideal",
    Method.SEPA_DEBIT: "sepa_debit sepa domiciliation direct_debit domiciliëring domiciliering",
    Method.BANK_TRANSFER: "bank_transfer virement transfer overschrijving eft bank",
    Method.CASH: "cash espèces especes liquide contant",
    Method.CHEQUE: "cheque chèque check",
    Method.OTHER: "other autre andere",
}
METHOD = {word: method for method, words in METHODS.items() for word in words.split()}
STATES = {
    "paid": "paid completed succeeded payé paye betaald complete",
    "refunded": "refunded remboursé rembourse terugbetaald",
}
PAID = {word: state for state, words in STATES.items() for word in words.split()}
MOST_CENTS = 10**13


@dataclass(frozen=True)
class Field:
    """Something a column can hold. `words` are names of columns that mean it, folded."""

    name: str
    label: Any
    words: str
    kinds: frozenset[str] = EVERY
    longest: int = 0

    def named(self) -> frozenset[str]:
        return frozenset(word.strip() for word in self.words.split(","))


FIELDS = (
    Field("email", _("e-mail"), "email,e mail,email address,adresse email,adresse e mail,courriel,"
          "mail,e mailadres,emailadres,mailadres,adresse mail,customer email,primary email"),
    Field("other_email", _("another e-mail"), "email 2,e mail 2,second email,other email,"
          "secondary email,autre email,andere email"),
    Field("given_name", _("given name"), "first name,given name,prenom,voornaam,firstname,fname,"
          "forename", longest=100),
    Field("family_name", _("family name"), "last name,family name,nom,nom de famille,achternaam,"
          "familienaam,naam,lastname,lname,surname", longest=100),
    Field("full_name", _("whole name"), "name,full name,nom complet,volledige naam,nom et prenom,"
          "prenom nom,nom prenom,display name,customer name,card name", longest=200),
    Field("organisation", _("name of an organisation"), "organisation,organization,organisatie,"
          "organization name,organisation name,societe,company,association,bedrijf,entreprise",
          longest=100),
    Field("kind", _("person or organisation"), "contact type,type de contact,contacttype"),
    Field("form_of_address", _("form of address"), "title,civilite,aanspreking,salutation,prefix,"
          "individual prefix,aanhef,titre,gender,sexe,geslacht"),
    Field("language", _("language"), "language,langue,taal,preferred language,lang,"
          "langue preferee,voorkeurstaal"),
    Field("birth_date", _("date of birth"), "birth date,date of birth,date de naissance,birthday,"
          "geboortedatum,dob,ne le,naissance"),
    Field("phone", _("telephone"), "phone,phone number,telephone,tel,telefoon,telefoonnummer,"
          "phone main,can2 phone,numero de telephone"),
    Field("other_phone", _("another telephone"), "mobile,gsm,mobile phone,portable,mobiel,"
          "phone 2,cell,mobile number"),
    Field("street", _("street and number"), "street,street address,address,adresse,rue,straat,"
          "adres,address line 1,adresse 1,rue et numero,straat en nummer,can2 user address,"
          "mailing address", longest=200),
    Field("postcode", _("postcode"), "postcode,postal code,zip,zip code,code postal,cp,zipcode,"
          "can2 user zip code,post code", longest=12),
    Field("town", _("town"), "city,town,ville,commune,localite,gemeente,stad,woonplaats,plaats,"
          "can2 user city", longest=100),
    Field("country", _("country"), "country,pays,land,country code,can2 user country"),
    Field("identifier", _("number in another system"), "contact id,internal contact id,"
          "external identifier,external id,id contact,uuid,customer id,contact nr,klantnummer",
          longest=120),
    Field("tags", _("tags"), "tags,tag,etiquettes,labels,groups,groupes,groepen,"
          "can2 user tags,mots cles", longest=2000),
    Field("note", _("note"), "note,notes,remarque,remarques,opmerking,opmerkingen,commentaires,"
          "remarks", longest=5000),
    Field("newsletter", _("wants the newsletter"), "newsletter,opt in,optin,nieuwsbrief,"
          "infolettre,lettre d information,consent,subscribed,abonne,can2 subscription status,"
          "email marketing status,subscription status"),
    Field("no_newsletter", _("wants no newsletter"), "opt out,is opt out,"
          "no bulk emails user opt out,desinscrit,uitgeschreven,unsubscribed"),
    Field("no_email", _("wants no e-mail"), "do not email,pas d e mail,geen e mail"),
    Field("newsletter_at", _("said so about the newsletter on"), "opt in date,optin time,"
          "confirm time,unsub time,subscription date,can2 subscription date,date d inscription,"
          "inschrijvingsdatum"),
    Field("known_since", _("known since"), "created,created at,created date,known since,"
          "date de creation,created time,added on"),
    Field("signed_at", _("signed"), "signed at,signed on,date,signature date,date signature,"
          "signe le,getekend op,datum,created at,created time,timestamp,horodateur,tijdstempel,"
          "date de signature", SIGNATURES),
    Field("comment", _("comment"), "comment,comments,commentaire,message,opmerking,reactie",
          SIGNATURES, longest=500),
    Field("amount", _("amount"), "amount,montant,bedrag,total amount,somme,don,gift,total",
          GIFTS),
    Field("currency", _("currency"), "currency,devise,munt,valuta", GIFTS),
    Field("given_on", _("given on"), "date,received,received on,date received,date du don,datum,"
          "date de reception,ontvangen op,created date utc,created utc,date of gift,"
          "contribution date", GIFTS),
    Field("method", _("method"), "method,payment method,mode de paiement,betaalwijze,"
          "payment source type,moyen de paiement", GIFTS),
    Field("reference", _("number of the gift in the other system"), "reference,transaction id,"
          "contribution id,id,numero de don,referentie,invoice number,id du don,payment id",
          GIFTS, longest=70),
    Field("payment", _("payment at Stripe"), "paymentintent id", GIFTS, longest=80),
    Field("payment_state", _("state of the payment"), "status,contribution status,statut,"
          "payment status", GIFTS),
    Field("refunded", _("of which given back"), "amount refunded,montant rembourse,terugbetaald",
          GIFTS),
    Field("fund", _("fund"), "fund,fonds,fund code,affectation,bestemming", GIFTS, longest=30),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
# Two columns of one person's: the second of what a person has several of.
REPEATABLE = {"email": "other_email", "phone": "other_phone"}


def fields_of(kind: str) -> list[Field]:
    """Return what a file of this kind may hold."""
    return [field for field in FIELDS if kind in field.kinds]


def word(text: str) -> str:
    """Return a cell in the form in which words are compared."""
    return text.strip().casefold()


def read_word(meanings: dict[str, Any]) -> Reader:
    def read(text: str) -> Any:
        found = meanings.get(word(text).replace(" ", "_"))
        if found is None:
            raise NotRead(text)
        return found

    return read


@lru_cache(maxsize=2000)
def read_country(text: str) -> str:
    code = text.strip().upper()
    if len(code) == 2 and code in countries.countries:
        return code
    if len(code) == 3 and (found := countries.alpha2(code)):
        return found
    named = country_names().get(contact.fold(text.strip()))
    if not named:
        raise NotRead(text)
    return named


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Names of the countries around us in our languages; English ones of all others."""
    names = {contact.fold(str(name)): code for code, name in countries.countries.items()}
    return names | {
        "belgique": "BE", "belgie": "BE", "belgium": "BE", "france": "FR", "frankrijk": "FR",
        "pays-bas": "NL", "nederland": "NL", "netherlands": "NL", "luxembourg": "LU",
        "luxemburg": "LU", "allemagne": "DE", "duitsland": "DE", "germany": "DE",
        "deutschland": "DE", "royaume-uni": "GB", "verenigd koninkrijk": "GB",
        "united kingdom": "GB", "uk": "GB", "suisse": "CH", "zwitserland": "CH",
        "espagne": "ES", "spanje": "ES", "italie": "IT", "etats-unis": "US", "usa": "US",
        "verenigde staten": "US", "united states": "US",
    }  # fmt: skip


def read_language(text: str) -> str:
    found = LANGUAGE.get(word(text).replace("-", "_"))
    if not found:
        raise NotRead(text)
    return found


def read_kind(text: str) -> str:
    if word(text) in ORGANISATIONS:
        return Supporter.Kind.ORGANISATION.value
    if word(text) in PERSONS:
        return Supporter.Kind.PERSON.value
    raise NotRead(text)


def read_newsletter(text: str) -> bool | None:
    said = word(text)
    if said in SAID_NOTHING:
        return None
    found = SUBSCRIBED.get(said)
    return read_yes_or_no(text) if found is None else found


def read_no_newsletter(text: str) -> bool | None:
    """Whoever did not opt out has not said yes."""
    return False if read_yes_or_no(text) else None


def read_state(text: str) -> str:
    """Return "paid", or "refunded", or nothing for a payment that never came."""
    return PAID.get(word(text), "")


def read_currency(text: str) -> str:
    code = text.strip().upper()
    if code not in list_currencies():
        raise NotRead(text)
    return code


def read_identifier(text: str) -> str:
    return text.removesuffix(".0")


def read_tags(text: str) -> list[str]:
    """Split a cell of tags, which may be quoted once more inside."""
    sign = next((sign for sign in (";", "|", ",") if sign in text), ",")
    names = [name.strip().strip('"').strip() for name in text.split(sign)]
    return list(dict.fromkeys(name[:60] for name in names if name))


def readers(how: Detected, *, country: str = "BE", utc: bool = False) -> dict[str, Reader]:
    """Return what reads the cells of each field that is not plain text. They raise ValueError."""

    @lru_cache(maxsize=20_000)
    def read_phone(text: str) -> str:
        # Facebook writes "p:" before the number.
        return contact.normal_phone(text.removeprefix("p:"), country)

    def day(text: str) -> date:
        return read_day(text, how.dates)

    def at(text: str) -> datetime:
        return read_moment(text, how.dates, utc=utc)

    return {
        "email": contact.normal_email,
        "other_email": contact.normal_email,
        "kind": read_kind,
        "form_of_address": lambda text: FORM.get(word(text).replace(" ", "_"), ""),
        "language": lru_cache(maxsize=200)(read_language),
        "birth_date": day,
        "phone": read_phone,
        "other_phone": read_phone,
        "country": read_country,
        "identifier": read_identifier,
        "tags": read_tags,
        "newsletter": lru_cache(maxsize=200)(read_newsletter),
        "no_newsletter": read_no_newsletter,
        "no_email": read_no_newsletter,
        "newsletter_at": at,
        "known_since": at,
        "signed_at": at,
        "given_on": at,
        "currency": read_currency,
        "method": read_word(METHOD),
        "payment_state": read_state,
    }


def money(how: Detected, text: str, currency: str) -> int:
    """Read an amount of a currency. Raises NotRead."""
    found = read_minor(text, how.decimal, currency)
    if abs(found) > MOST_CENTS:
        raise NotRead(text)
    return found

"""The words that `secret_words` knows, written without marks and in small letters. Data only."""

from __future__ import annotations

from typing import Final

STEMS: Final = """
passw passphr passcod passwd kennw schluessel schlussel geheim zugangsdat motdepass motspass secret segret segred
credenc credenz credent contrasen contrasin contrasegn wachtwo sleutel gehei losenord loesenord hemlig adgangsk
kodeord passord hemmelig nogle nokkel salasan avaim salain lykilord leynd haslo hasla haslem klucz tajn tajem heslo
hesla hesle jelszo jelszav titkos kulcs parola parole parolu parool lozink zapork geslo gesla skrivn kljuc sifre
sifren parolan anahtar gizli katasandi sandi rahasia kunci matkhau khoabi bimat slaptazod slaptas fjalekal sekret
pasahitz contrasenya senha chave clave palavrapass cheie fragez token apikey placehold platzhalter changeme changeit
changeth replaceme paste_ insertyour yoursecret yourpass yourkey yourtoken jeton ficha llave credential parol cyfrin
pasvort wagwoord focalfaire pasfhocal leyndarm salajan slepen hemlich stiekem
"""
"""Beginnings of words that name what the variable holds. Those of more than five letters count inside a word, too, and
those of five at its end."""

SPEAKING: Final = """
your yours you my our me here this that it please change changed changing replace replaced replacing insert
inserted enter entered put place paste pasted fill filled provide provided set setting choose chosen define defined
use used using generate generated generator get create created add added edit update updated supply specify configure
configured stored keep kept see ask lookup fetch from make made example examples sample demo dummy fake mock
placeholder template todo fixme tbd none null nil undefined unset empty missing na redacted removed hidden masked
omitted censored not real valid invalid default value values string text random randomly long strong secure secured
safe safely unique some any something somebody someone must should needs need required optional minimum min least
length char chars character characters letters bytes byte bit bits hex base64 openssl rand uuid guid hash hashed salt
encryption key keys pwd pass code codes pin jwt oauth oauth2 sso api apis auth authentication authorization access
accesstoken client clients app apps application applications registration account accounts user users username login
admin admins administrator administrators owner root superuser initial first temporary temp tmp test tests testing
tester dev devel develop developer development prod production live staging stage local localhost env environment
variable variables var config dashboard console panel portal settings project projects server service services
provider hosting host site website web page pages cms directus database databases db dbs pg pgsql postgres postgresql
mysql mariadb mssql sqlite sqlserver oracle redis valkey mongo memcached cockroach minio s3 r2 aws amazon azure gcp
gcs google github gitlab bitbucket keycloak auth0 okta microsoft entra facebook apple twitter linkedin discord slack
ldap saml openid oidc smtp imap mail mails email emails mailgun sendgrid mailjet postmark brevo resend mailchimp ses
gmail sparkpost cloudflare cloudinary digitalocean heroku railway render vercel netlify fly supabase neon planetscale
backblaze b2 wasabi openai anthropic stripe sentry mapbox algolia license licence subscription read write readonly
static public private internal external signing signature sign session cookie webhook hook storage bucket region
endpoint url uri link id ids name vault bitwarden onepassword lastpass keepass keepassxc keychain doppler infisical
manager insecure unsafe same as quickstart simple super ultra very highly really extremely welcome letmein qwerty asdf
foo bar terraform ansible pulumi helm argocd flux jenkins pipeline ci cd actions managed unknown true false trust yes
ref refs sops mdp pw bdd psw pword will externally automatically baz foobar hello world abc abcd xyz xxx docker
compose kubernetes k8s local_only only never always later now go going repository git commit committed dein deine
deinen deinem deiner ihr ihre ihren ihrem mein meine meinen hier bitte aendern andern geaendert geandert ersetzen
ersetzt eintragen einfuegen einfugen einsetzen eingeben setzen angeben ausfuellen ausfullen waehlen wahlen erzeugen
generieren beispiel muster vorlage wert zufaellig zufallig zufaelliger zufaelligen zufalliger zufalligen zeichen
zeichenkette sicher sicheres sicheren starkes langes datenbank benutzer nutzer konto zugang zugriff dienst schluessel
lizenz anbieter hoster siehe fuer lokal lokale entwicklung verwalter leer fehlt unbekannt votre vos ton ta tes mon mes
ici changer changez remplacer remplacez inserer inserez mettre mettez saisir saisissez entrer entrez coller renseigner
definir choisir generer exemple valeur aleatoire fort forte securise securisee chaine caracteres base donnees
utilisateur compte acces hebergeur fournisseur administrateur cle cles mot passe modifier modifiez completer tu tus su
sus mi mis aqui cambiar cambia cambie cambiame reemplazar reemplaza reemplace reemplazame sustituir sustituye poner
pon ponga introducir introduce introduzca ingresar ingresa ingrese escribir escribe escriba colocar rellenar rellena
elegir elige generar ejemplo valor aleatorio aleatoria seguro segura fuerte cadena datos usuario cuenta acceso llave
posar posa teva seva canviar canvia base_datos proveedor sua seu seus suas minha meu mudar mude alterar altere altera
trocar troque substituir substitua coloque insira inserir digite digitar informe preencha preencher exemplo banco
dados conta acesso cadeia chave tuo tua tuoi il qui cambiare cambiami cambiato modificare modifica sostituire
sostituisci inserire inserisci inserisca mettere metti scrivi scegli scegliere esempio valore casuale sicuro sicura
stringa dati utente accesso chiave chiavi jouw je uw mijn wijzig wijzigen verander veranderen vervang vervangen
invullen vul invoeren voer zet plaats kies genereer voorbeeld waarde willekeurig willekeurige sterk veilig veilige
gebruiker sleutel toegang jou twoj twoje twoja twojego swoj swoje tutaj zmien zmienic zamien zastap wstaw wpisz podaj
wklej wybierz ustaw wygeneruj przyklad przykladowe wartosc losowy losowa losowe silne bezpieczne bazy danych
uzytkownika dostep vas vase vasi tvuj tvoje sem zde zmen zmente zmenit nahrad nahradte nahradit vloz vlozte zadej
zadejte zvolte doplnte priklad hodnota nahodny nahodna bezpecne databaze uzivatele pristup klic klice tvoj zadajte
databazy pouzivatela kluc kluca ide ird irja meg adja csereld cserelje valtoztasd modositsd helyettesitsd pelda ertek
veletlen eros biztonsagos adatbazis felhasznalo kulcsra sajat az din ditt dina har byt andra ersatt fyll skriv ange
valj generera exempel varde slumpmassig slumpmassigt starkt sakert databas anvandare nyckel nyckeln en ett dit dine
her skift aendr erstat indsaet indtast angiv vaelg eksempel vaerdi tilfaeldig staerk sikker bruger noegle bytt endre
erstatt sett inn velg verdi tilfeldig sikkert bruker tilgang thitt breyttu settu sinun oma omasi tahan tassa vaihda
muuta korvaa lisaa syota kirjoita aseta valitse luo esimerkki arvo satunnainen vahva turvallinen tietokanta kayttaja
sinu siia muuda asenda sisesta kirjuta vali naide vaartus juhuslik tugev andmebaas kasutaja voti jusu tavs tava seit
mainiet nomainiet ievadiet ierakstiet piemers vertiba drosa stipra datubaze lietotaja atslega cia pakeiskite pakeisti
iveskite irasykite pavyzdys reiksme stiprus duomenu baze vartotojo raktas senin sizin buraya burada yaz yazin yaziniz
gir girin giriniz degistir degistirin degistiriniz ekle ekleyin koy koyun sec secin ornek deger rastgele guclu guvenli
veritabani kullanici erisim beni bunu sifreniz sifreniziz dəyişdirin tau dumneavoastra aici schimba schimbati
schimbatima inlocuieste inlocuiti introdu introduceti pune completeaza alege exemplu valoare aleatoare puternica
sigura baza date utilizator juaj ketu ndrysho ndryshoni zevendeso vendos vendosni shembull zure hemen aldatu jarri
idatzi adibidea cuir isteach vasa tvoja ovdje ovde promijeni promijenite promeni promenite zamijeni zamijenite
zamenite unesi unesite upisite umetnite postavi primjer primer vrijednost slucajni jaka sigurna podataka korisnika
tukaj spremeni spremenite zamenjaj zamenjajte vnesi vnesite vstavite vrednost nakljucni mocno varno podatkov
uporabnika vash vashe tvoy zdes syuda zameni izmeni izmenite vvedite vstavte ukazhite znachenie sluchayny anda kamu di
sini disini ganti gantikan ubah masukkan isi isikan tulis pilih contoh nilai acak kuat aman basis pengguna akses kata
laluan dengan sila tukar cua ban tai day thay doi bang nhap dien dat vi du gia tri ngau nhien manh toan co so lieu
nguoi dung mat khau khoa bi iyong dito palitan ilagay halimbawa lako hapa badilisha weka mfano nenosiri demander
demandez pedir pide pida solicitar chiedere chiedi fragen frag nachfragen nachschauen nachsehen holen vragen vraag
poprosit zapytaj zeptejte kerdezd sor voir ver vedi zie viz nezd katso contact contacter kontakt kontaktieren
administrador administradora amministratore beheerder administratora spravce spravca rendszergazda yllapitaja yonetici
hetzner strato ionos ovh netcup infomaniak hostinger linode vultr scaleway contabo allwedd eochair anseo yma gakoa
gako clau chaves otros altro autre andere top hush mene mich moi matter matters locally whatever nothing important
auto blank ignored leave above refer readme unused disabled platform deploy deployed script populated request copy
copied build built infra team selber ciag znakow losowe uzun dize peca pedir equipe gerar gere wygeneruj openssl
"""
"""Words that speak to the reader, or of what such variables are about: of English, German, French, Spanish and Catalan,
Portuguese, Italian, Dutch, Polish, Czech and Slovak, Hungarian, the Nordic and Baltic languages, Finnish and Estonian, Turkish,
Romanian, Albanian, Basque, the South Slavic languages, Russian in Latin letters, Indonesian, Vietnamese, Filipino, Swahili."""

ASKING: Final = """
change changed replace replaced insert enter put paste fill provide choose define generate specify supply todo fixme
tbd placeholder example dummy redacted your yours here please aendern andern ersetzen eintragen einfuegen einfugen
einsetzen eingeben hier bitte dein deine ihr changez remplacer remplacez inserer mettre saisir votre ici cambiar
cambia reemplazar sustituir aqui tu mude alterar altere substituir substitua coloque insira sua seu cambiare
sostituire inserire inserisci qui tuo tua vervang vervangen invullen vul jouw zmien wstaw wpisz tutaj twoj twoje
nahradte vlozte zadejte zde tvuj cserelje ird byt ersatt skriv erstat skift vaihda korvaa degistirin buraya schimba
schimbati ganti masukkan anda thay nhap promijenite zamenite
"""
"""Words that ask the reader to do something, or name the reader's own thing."""

FUNCTION: Final = """
a an and any are at be before by can do don t dont for had has if in into is its more no of off on one or out own so than the
there to too up us was will with without within ll s der die das den dem des ein eine einen einem einer und oder von
vom zu zum zur im am auf aus bei mit nach nicht sie es ist sein als le la les l un une de du d et ou dans sur par pour
avec ce cette au aux en est qui que y el los las una uno unos o del por para con sin lo al e os as um uma na nos nas
da dos com sem ao il gli i di dal dalla della per nel nella che het een van voor met op te om dit deze niet w z dla ze
se v ve ke k od pro po u iz za sa je su si az egy vagy och av till med det som pa og til ei ja tai bir bu icin ile sau
cu din pe dan yang untuk dari ini cho va trong
"""
"""Words between the others: they tell nothing."""

NAMES: Final = """
password passwords passwd passphrase passwort kennwort secret secrets token tokens keys key apikey supersecret
strongpassword changeme changeit credentials credential geheim geheimnis motdepasse contrasena contraseña senha
wachtwoord haslo heslo jelszo losenord adgangskode passord salasana parola sifre sandi clave toor guest minioadmin
dragon123 replaceme placeholder word
"""
"""What people call such values, whole."""

TRAINING: Final = """
abend acheter actor address adresse agency agenda aktiv alarm album alles almost alter animal answer antwort arbeit
area around artist aujourd autumn avenir backup balance basket battery beach beautiful because bedroom begin behind
believe bericht besser between bicycle bild bird blanket bleiben board bonjour book border bottle bread bridge bring
brother brown building bureau business butter button buchen cabin calendar camera candle captain carbon carpet castle
casa center central certain chaleur chapter cheese chien child choice church circle city class clean clear climate
clock cloud coffee collection color comfort common company complete computer content context continue cooking correct
cosecha country couple course cousin creation credit cultura current customer daily danger dawn dealer decide deliver
department desert design detail diferente digital dinner direct discover doctor document dolphin domani door double
dragon dream driver during early earth easily economy effort eigentlich einfach electric element else energy engine
english enough entire entre erfolg erste escuela especial estar europe evening event everyone everything exactly
expert explain factory fahren familie family famous farbe farmer father feature feeling fenster field figure final
finger firma fisch flower follow foot force forest forget form forward france freedom freund friend front frucht fuego
function future gallery garden garten general gente geschichte gestern glass gold good government grande green ground
group growth guide guitar hammer hand happen happy harbor haus health heart heavy height hermano history holiday home
honey horizon horse hospital hotel house however human hundred image important improve indeed industry information
inside interest invierno island jardin jeden journey juego jung justice kaffee kitchen kinder klein knowledge komma
kommen kraft kunde lachen lamp land language large later laugh layer leader learn leather leben lecture legal lemon
letter level library licht liebe life light linea listen little living local logic lokal lumiere machine madre magic
main maison manage mango marble marina market master matter maybe meaning measure medical meeting member memory mensch
message metal method middle million minute mirror modern moment monday money monkey month moon morning mother motor
mountain mouth move movie mundo music nacht nation natural naturel nature nearly neighbor network never newsletter
night noche normal north notebook nothing notice number object ocean office often older olive online open operator
orange order organic original other outside oxygen page paint palace paper parent park partner party pasta pattern
payment peace people perfect perhaps period person phone photo picture piece planet plant plastic plate player
pleasant plenty pocket point police policy politics popular position possible power practice present president
pressure pretty price primavera primer printer private probably problem process produce product professor program
proper property protect provide puerta purple quality quarter question quick quiet rabbit radio rapid reach reader
ready reason receive recent record regen region relation remember report request resource result return reise retail
revenue river road rocket room round route saison salad sandwich satellite saturday schnell school schule science
screen search season second section seguir select sense sentence series serious service several shadow share shelter
short shoulder shower signal silent silver similar simple single sister situation sleep slowly small smile social
soleil solid solution sommer sonne soon south space speak special speed spirit spring square stadt staple station
status steel stone story strange strasse stream street student studio style subject success sudden sugar summer sunday
supper support surface surprise system table talent teacher team technik temperature term theater theory thing think
thought thousand through thunder ticket tiempo tiger time together tomato tomorrow topic total touch toward town track
trade traffic train travel treatment trees trouble trust turn twenty type umbrella under understand university until
usual valley value various vegetable vehicle verano vergessen version very victory video view village visit voice
voiture volume voyage waiter walk wall warm wasser water weather website wednesday week weight welcome welt western
whatever wheel where which while white whole width wife window winter wisdom within without woman wonder wood word
work world worry would write writer yellow yesterday young zebra zeit zucker zusammen bezpieczenstwo dziekuje gdzie
ktory mozna nazwa prosze przez swiat szkola wszystko zawsze dobry den dekuji ktery prosim rozumim vsechno zitra
protoze spolecnost ahoj kolik mesto stranka zakaznik koszonom szeretnem kerem hogyan mindig minden orszag varos
gyermek vilag kiitos hyvaa paivaa yksi kaksi kolme talo kaupunki kirja ystava maailma kylla vesi jarvi metsa koulu
lapsi tyttaret merhaba tesekkur lutfen guzel dunya cocuk kitap deniz cumartesi zaman sehir okul calisma insan kadin
ogrenci terima kasih selamat pagi rumah sekolah pekerjaan negara keluarga makanan perusahaan sekarang kenapa obrigado
cidade trabalho familia escola pessoa mulher homem amanha sempre empresa governo saude mensagem coracao palavra grazie
buongiorno lavoro famiglia scuola persona donna uomo azienda salute cuore parola gracias ciudad trabajo mujer hombre
manana siempre gobierno salud corazon palabra merci ville travail famille ecole personne femme homme demain toujours
entreprise gouvernement sante coeur parole dank stad werk gezin persoon vrouw morgen altijd bedrijf regering
gezondheid hart woord straat tussen omdat gebruik omgeving klant tack arbete familj skola kvinna imorgon alltid
foretag halsa hjarta ord gata vatten mellan takk arbeid skole kvinne bedrift regjering helse hjerte gate vann
multumesc oras munca scoala persoana femeie barbat maine mereu companie guvern sanatate inima cuvant strada apa hvala
grad posao obitelj osoba zena covjek sutra uvijek tvrtka vlada zdravlje srce rijec ulica voda ljubav mjesto spasibo
gorod rabota semya shkola chelovek zhenshchina zavtra vsegda kompaniya zdorovye serdtse slovo authorization
subscription environment deployment infrastructure kubernetes repository container gateway firewall frontend backend
middleware schema migration analytics marketing webhook checkout invoice catalog inventory tracking monitoring
dashboard registry pipeline workflow cluster instance worker scheduler queue broker notification translation
organization administration documentation
"""
"""Everyday words of some twenty languages, for the statistics of their letters."""

/** The words of the preference page in one language. */
export interface PreferenceWords {
  readonly title: string;
  readonly saved: string;
  readonly save: string;
  readonly stopAll: string;
  readonly nothing: string;
  readonly service: readonly [title: string, text: string];
  readonly marketing: readonly [title: string, text: string];
  readonly push: string;
  readonly email: string;
}

const ENGLISH: PreferenceWords = {
  title: 'Your message preferences',
  saved: 'Saved. It holds from now on.',
  save: 'Save',
  stopAll: 'Stop all messages',
  nothing: 'We have no phone number, e-mail or app of yours, so nothing is sent to you.',
  service: ['About your orders and applications', 'A payment that did not go through, a document we need again.'],
  marketing: ['Offers and reminders', 'Things you left in your cart, and what is new.'],
  push: 'App notifications',
  email: 'E-mail',
};

/** English, Hindi and the languages whose stop words are understood. Ours, 2026-11-28: let somebody who speaks them read them once. */
export const PREFERENCE_WORDS: Readonly<Record<string, PreferenceWords>> = {
  en: ENGLISH,
  hi: {
    title: 'आपके संदेशों की पसंद',
    saved: 'सहेजा गया। यह अभी से लागू है।',
    save: 'सहेजें',
    stopAll: 'सभी संदेश बंद करें',
    nothing: 'हमारे पास आपका कोई फ़ोन नंबर, ई-मेल या ऐप नहीं है, इसलिए आपको कुछ नहीं भेजा जाता।',
    service: ['आपके ऑर्डर और आवेदन के बारे में', 'कोई भुगतान जो पूरा नहीं हुआ, या कोई दस्तावेज़ जो हमें फिर से चाहिए।'],
    marketing: ['ऑफ़र और याद दिलाने वाले संदेश', 'कार्ट में छूटी हुई चीज़ें, और नई चीज़ें।'],
    push: 'ऐप सूचनाएँ',
    email: 'ई-मेल',
  },
  bn: {
    title: 'আপনার বার্তার পছন্দ',
    saved: 'সংরক্ষিত হয়েছে। এখন থেকে কার্যকর।',
    save: 'সংরক্ষণ করুন',
    stopAll: 'সব বার্তা বন্ধ করুন',
    nothing: 'আমাদের কাছে আপনার কোনো ফোন নম্বর, ই-মেল বা অ্যাপ নেই, তাই আপনাকে কিছু পাঠানো হয় না।',
    service: ['আপনার অর্ডার ও আবেদন সম্পর্কে', 'যে পেমেন্ট সম্পূর্ণ হয়নি, বা যে নথি আমাদের আবার দরকার।'],
    marketing: ['অফার ও মনে করিয়ে দেওয়া', 'কার্টে রেখে যাওয়া জিনিস, এবং যা নতুন।'],
    push: 'অ্যাপের বিজ্ঞপ্তি',
    email: 'ই-মেল',
  },
  mr: {
    title: 'तुमच्या संदेशांची पसंती',
    saved: 'जतन झाले. हे आत्तापासून लागू आहे.',
    save: 'जतन करा',
    stopAll: 'सर्व संदेश बंद करा',
    nothing: 'आमच्याकडे तुमचा फोन नंबर, ई-मेल किंवा ॲप नाही, म्हणून तुम्हाला काहीही पाठवले जात नाही.',
    service: ['तुमच्या ऑर्डर आणि अर्जांबद्दल', 'पूर्ण न झालेले पेमेंट, किंवा आम्हाला पुन्हा हवे असलेले कागदपत्र.'],
    marketing: ['ऑफर आणि आठवणी', 'कार्टमध्ये राहिलेल्या वस्तू, आणि नवीन काय आहे.'],
    push: 'ॲप सूचना',
    email: 'ई-मेल',
  },
  te: {
    title: 'మీ సందేశాల ఎంపికలు',
    saved: 'సేవ్ అయింది. ఇది ఇప్పటి నుండి వర్తిస్తుంది.',
    save: 'సేవ్ చేయండి',
    stopAll: 'అన్ని సందేశాలను ఆపండి',
    nothing: 'మా వద్ద మీ ఫోన్ నంబర్, ఈ-మెయిల్ లేదా యాప్ లేదు, కాబట్టి మీకు ఏమీ పంపబడదు.',
    service: ['మీ ఆర్డర్లు మరియు దరఖాస్తుల గురించి', 'పూర్తి కాని చెల్లింపు, లేదా మాకు మళ్లీ కావలసిన పత్రం.'],
    marketing: ['ఆఫర్లు మరియు గుర్తుచేతలు', 'మీ కార్ట్‌లో వదిలిన వస్తువులు, మరియు కొత్తవి.'],
    push: 'యాప్ నోటిఫికేషన్లు',
    email: 'ఈ-మెయిల్',
  },
  ta: {
    title: 'உங்கள் செய்தி விருப்பங்கள்',
    saved: 'சேமிக்கப்பட்டது. இது இப்போதிலிருந்து பொருந்தும்.',
    save: 'சேமிக்கவும்',
    stopAll: 'எல்லா செய்திகளையும் நிறுத்தவும்',
    nothing: 'உங்கள் தொலைபேசி எண், மின்னஞ்சல் அல்லது செயலி எங்களிடம் இல்லை, எனவே உங்களுக்கு எதுவும் அனுப்பப்படுவதில்லை.',
    service: ['உங்கள் ஆர்டர்கள் மற்றும் விண்ணப்பங்கள் பற்றி', 'முடிவடையாத கட்டணம், அல்லது எங்களுக்கு மீண்டும் தேவைப்படும் ஆவணம்.'],
    marketing: ['சலுகைகள் மற்றும் நினைவூட்டல்கள்', 'உங்கள் கார்ட்டில் விட்டுச்சென்றவை, மற்றும் புதியவை.'],
    push: 'செயலி அறிவிப்புகள்',
    email: 'மின்னஞ்சல்',
  },
  gu: {
    title: 'તમારા સંદેશાઓની પસંદગી',
    saved: 'સચવાયું. આ હમણાંથી લાગુ છે.',
    save: 'સાચવો',
    stopAll: 'બધા સંદેશા બંધ કરો',
    nothing: 'અમારી પાસે તમારો ફોન નંબર, ઈ-મેલ કે ઍપ નથી, તેથી તમને કંઈ મોકલવામાં આવતું નથી.',
    service: ['તમારા ઑર્ડર અને અરજીઓ વિશે', 'પૂરી ન થયેલી ચુકવણી, અથવા અમને ફરી જોઈતો દસ્તાવેજ.'],
    marketing: ['ઑફર અને યાદ અપાવતા સંદેશા', 'તમારા કાર્ટમાં રહી ગયેલી વસ્તુઓ, અને જે નવું છે.'],
    push: 'ઍપ સૂચનાઓ',
    email: 'ઈ-મેલ',
  },
  kn: {
    title: 'ನಿಮ್ಮ ಸಂದೇಶ ಆಯ್ಕೆಗಳು',
    saved: 'ಉಳಿಸಲಾಗಿದೆ. ಇದು ಈಗಿನಿಂದ ಅನ್ವಯಿಸುತ್ತದೆ.',
    save: 'ಉಳಿಸಿ',
    stopAll: 'ಎಲ್ಲಾ ಸಂದೇಶಗಳನ್ನು ನಿಲ್ಲಿಸಿ',
    nothing: 'ನಮ್ಮ ಬಳಿ ನಿಮ್ಮ ಫೋನ್ ಸಂಖ್ಯೆ, ಇ-ಮೇಲ್ ಅಥವಾ ಆ್ಯಪ್ ಇಲ್ಲ, ಆದ್ದರಿಂದ ನಿಮಗೆ ಏನನ್ನೂ ಕಳುಹಿಸುವುದಿಲ್ಲ.',
    service: ['ನಿಮ್ಮ ಆರ್ಡರ್‌ಗಳು ಮತ್ತು ಅರ್ಜಿಗಳ ಬಗ್ಗೆ', 'ಪೂರ್ಣಗೊಳ್ಳದ ಪಾವತಿ, ಅಥವಾ ನಮಗೆ ಮತ್ತೆ ಬೇಕಾದ ದಾಖಲೆ.'],
    marketing: ['ಕೊಡುಗೆಗಳು ಮತ್ತು ಜ್ಞಾಪನೆಗಳು', 'ನಿಮ್ಮ ಕಾರ್ಟ್‌ನಲ್ಲಿ ಉಳಿದ ವಸ್ತುಗಳು, ಮತ್ತು ಹೊಸದು.'],
    push: 'ಆ್ಯಪ್ ಅಧಿಸೂಚನೆಗಳು',
    email: 'ಇ-ಮೇಲ್',
  },
  ml: {
    title: 'നിങ്ങളുടെ സന്ദേശ ഇഷ്ടങ്ങൾ',
    saved: 'സേവ് ചെയ്തു. ഇത് ഇപ്പോൾ മുതൽ ബാധകമാണ്.',
    save: 'സേവ് ചെയ്യുക',
    stopAll: 'എല്ലാ സന്ദേശങ്ങളും നിർത്തുക',
    nothing: 'നിങ്ങളുടെ ഫോൺ നമ്പറോ ഇ-മെയിലോ ആപ്പോ ഞങ്ങളുടെ പക്കലില്ല, അതിനാൽ നിങ്ങൾക്ക് ഒന്നും അയയ്ക്കുന്നില്ല.',
    service: ['നിങ്ങളുടെ ഓർഡറുകളെയും അപേക്ഷകളെയും കുറിച്ച്', 'പൂർത്തിയാകാത്ത പണമടയ്ക്കൽ, അല്ലെങ്കിൽ ഞങ്ങൾക്ക് വീണ്ടും വേണ്ട രേഖ.'],
    marketing: ['ഓഫറുകളും ഓർമ്മപ്പെടുത്തലുകളും', 'നിങ്ങളുടെ കാർട്ടിൽ വിട്ടുപോയവ, പുതിയവ.'],
    push: 'ആപ്പ് അറിയിപ്പുകൾ',
    email: 'ഇ-മെയിൽ',
  },
  pa: {
    title: 'ਤੁਹਾਡੇ ਸੁਨੇਹਿਆਂ ਦੀ ਪਸੰਦ',
    saved: 'ਸੰਭਾਲਿਆ ਗਿਆ। ਇਹ ਹੁਣ ਤੋਂ ਲਾਗੂ ਹੈ।',
    save: 'ਸੰਭਾਲੋ',
    stopAll: 'ਸਾਰੇ ਸੁਨੇਹੇ ਬੰਦ ਕਰੋ',
    nothing: 'ਸਾਡੇ ਕੋਲ ਤੁਹਾਡਾ ਫ਼ੋਨ ਨੰਬਰ, ਈ-ਮੇਲ ਜਾਂ ਐਪ ਨਹੀਂ ਹੈ, ਇਸ ਲਈ ਤੁਹਾਨੂੰ ਕੁਝ ਨਹੀਂ ਭੇਜਿਆ ਜਾਂਦਾ।',
    service: ['ਤੁਹਾਡੇ ਆਰਡਰਾਂ ਅਤੇ ਅਰਜ਼ੀਆਂ ਬਾਰੇ', 'ਕੋਈ ਭੁਗਤਾਨ ਜੋ ਪੂਰਾ ਨਹੀਂ ਹੋਇਆ, ਜਾਂ ਕੋਈ ਦਸਤਾਵੇਜ਼ ਜੋ ਸਾਨੂੰ ਦੁਬਾਰਾ ਚਾਹੀਦਾ ਹੈ।'],
    marketing: ['ਪੇਸ਼ਕਸ਼ਾਂ ਅਤੇ ਯਾਦ-ਦਹਾਨੀਆਂ', 'ਕਾਰਟ ਵਿੱਚ ਰਹਿ ਗਈਆਂ ਚੀਜ਼ਾਂ, ਅਤੇ ਜੋ ਨਵਾਂ ਹੈ।'],
    push: 'ਐਪ ਸੂਚਨਾਵਾਂ',
    email: 'ਈ-ਮੇਲ',
  },
  or: {
    title: 'ଆପଣଙ୍କ ସନ୍ଦେଶ ପସନ୍ଦ',
    saved: 'ସଞ୍ଚିତ ହେଲା। ଏହା ବର୍ତ୍ତମାନଠାରୁ ଲାଗୁ।',
    save: 'ସଞ୍ଚୟ କରନ୍ତୁ',
    stopAll: 'ସମସ୍ତ ସନ୍ଦେଶ ବନ୍ଦ କରନ୍ତୁ',
    nothing: 'ଆମ ପାଖରେ ଆପଣଙ୍କର ଫୋନ ନମ୍ବର, ଇ-ମେଲ କିମ୍ବା ଆପ ନାହିଁ, ତେଣୁ ଆପଣଙ୍କୁ କିଛି ପଠାଯାଏ ନାହିଁ।',
    service: ['ଆପଣଙ୍କ ଅର୍ଡର ଓ ଆବେଦନ ବିଷୟରେ', 'ଯେଉଁ ପେମେଣ୍ଟ ସମ୍ପୂର୍ଣ୍ଣ ହୋଇନାହିଁ, କିମ୍ବା ଯେଉଁ ଦଲିଲ ଆମକୁ ପୁଣି ଦରକାର।'],
    marketing: ['ଅଫର ଓ ମନେପକାଇବା ସନ୍ଦେଶ', 'କାର୍ଟରେ ରହିଯାଇଥିବା ଜିନିଷ, ଏବଂ ଯାହା ନୂଆ।'],
    push: 'ଆପ ସୂଚନା',
    email: 'ଇ-ମେଲ',
  },
  as: {
    title: 'আপোনাৰ বাৰ্তাৰ পছন্দ',
    saved: 'সংৰক্ষণ কৰা হ’ল। ই এতিয়াৰ পৰা কাৰ্যকৰী।',
    save: 'সংৰক্ষণ কৰক',
    stopAll: 'সকলো বাৰ্তা বন্ধ কৰক',
    nothing: 'আমাৰ ওচৰত আপোনাৰ ফোন নম্বৰ, ই-মেইল বা এপ নাই, সেয়ে আপোনালৈ একো পঠিওৱা নহয়।',
    service: ['আপোনাৰ অৰ্ডাৰ আৰু আবেদনৰ বিষয়ে', 'সম্পূৰ্ণ নোহোৱা পেমেণ্ট, বা আমাক পুনৰ লগা নথি।'],
    marketing: ['অফাৰ আৰু সোঁৱৰণী', 'কাৰ্টত এৰি যোৱা বস্তু, আৰু যি নতুন।'],
    push: 'এপৰ জাননী',
    email: 'ই-মেইল',
  },
  ur: {
    title: 'آپ کے پیغامات کی پسند',
    saved: 'محفوظ ہو گیا۔ یہ ابھی سے لاگو ہے۔',
    save: 'محفوظ کریں',
    stopAll: 'تمام پیغامات بند کریں',
    nothing: 'ہمارے پاس آپ کا فون نمبر، ای میل یا ایپ نہیں ہے، اس لیے آپ کو کچھ نہیں بھیجا جاتا۔',
    service: ['آپ کے آرڈرز اور درخواستوں کے بارے میں', 'کوئی ادائیگی جو مکمل نہیں ہوئی، یا کوئی دستاویز جو ہمیں دوبارہ چاہیے۔'],
    marketing: ['پیشکشیں اور یاد دہانیاں', 'کارٹ میں رہ جانے والی چیزیں، اور جو نیا ہے۔'],
    push: 'ایپ کی اطلاعات',
    email: 'ای میل',
  },
};

/** English for a language that the page does not have. */
export const wordsIn = (language: string): PreferenceWords => PREFERENCE_WORDS[language] ?? ENGLISH;

/** The first of these tags (BCP 47, best first) whose language the page has; English otherwise. */
export function languageFor(tags: readonly (string | null)[]): string {
  const known = tags.map((tag) => tag?.toLowerCase().split('-')[0] ?? '').find((tag) => Object.hasOwn(PREFERENCE_WORDS, tag));
  return known ?? 'en';
}

/** The tags of an `Accept-Language` header, best first. */
export function acceptedLanguages(header: string | undefined): string[] {
  return (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', weight] = part.trim().split(/;\s*q=/);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

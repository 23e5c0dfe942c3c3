import { type Preference } from '../keep-preferences';
import { wordsIn } from '../rules/preference-words';

/** The page of switches. Plain HTML and a form: works without JavaScript. All words are ours; channels of added providers are letters only. */
export function preferencePage(preferences: readonly Preference[], saved: boolean, language: string): string {
  const words = wordsIn(language);
  const channels: Readonly<Record<string, string>> = { push: words.push, whatsapp: 'WhatsApp', sms: 'SMS', email: words.email };
  const sections = (['service', 'marketing'] as const).map((purpose) => {
    const [title, text] = words[purpose];
    const rows = preferences
      .filter((one) => one.purpose === purpose)
      .map(
        ({ channel, allowed }) =>
          `<label><input type="checkbox" name="on" value="${purpose}.${channel}"${allowed ? ' checked' : ''}> ${channels[channel] ?? channel}</label>`,
      );
    return `<fieldset><legend>${title}</legend><p>${text}</p>${rows.join('')}</fieldset>`;
  });
  const form =
    preferences.length === 0
      ? `<p>${words.nothing}</p>`
      : `<form method="post">${sections.join('')}<button name="do" value="save">${words.save}</button> <button name="do" value="stop" class="quiet">${words.stopAll}</button></form>`;
  return document(words.title, `${saved ? `<p role="status">${words.saved}</p>` : ''}${form}`, language);
}

/** A page that only says something. */
export const noticePage = (title: string, text: string): string => document(title, `<p>${text}</p>`, 'en');

const document = (title: string, content: string, language: string): string => `<!doctype html>
<html lang="${language}"${language === 'ur' ? ' dir="rtl"' : ''}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${title}</title>
<style>body{font:18px/1.5 system-ui,sans-serif;margin:0;background:#f6f5f1;color:#222}main{max-width:30rem;margin:0 auto;padding:2rem}h1{font-size:1.5rem}fieldset{border:1px solid #ccc;border-radius:.5rem;margin:0 0 1rem;padding:.5rem 1rem}label{display:block;padding:.4rem 0}input{width:1.2rem;height:1.2rem;vertical-align:-.15rem}button{font:inherit;padding:.6rem 1.4rem}.quiet{background:none;border:1px solid #999}[role=status]{background:#e2f3e2;padding:.5rem 1rem}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;

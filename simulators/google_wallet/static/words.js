// What the page says, in the two languages of the phone.

const WORDS = {
  en: {
    wallet: "Wallet", empty: "No cards yet", add: "Add", link: "Save link",
    how: "Open the join page on this computer and press “Add to Google Wallet”, or paste a save link.",
    join: "Open the join page", language: "Language of the phone", remove: "Remove", simulator: "Simulated Android phone",
    behind: "What Google does", pushes: "Lock screen", calls: "Requests of the issuer", callbacks: "Callbacks to the issuer",
    quiet: "Nothing yet.", now: "now", messages: "Messages", about: "Details", links: "Links",
    EXPIRED: "Expired", INACTIVE: "No longer valid", COMPLETED: "Used", sure: "Remove this card from the phone?",
    failed: "That did not work.", object: "Object", version: "Version", objects: "Objects", rate: "Most in a second",
  },
  ru: {
    wallet: "Кошелёк", empty: "Карт пока нет", add: "Добавить", link: "Ссылка сохранения",
    how: "Откройте на этом компьютере страницу вступления и нажмите «Добавить в Google Кошелёк» или вставьте ссылку сохранения.",
    join: "Открыть страницу вступления", language: "Язык телефона", remove: "Удалить", simulator: "Симулятор телефона Android",
    behind: "Что делает Google", pushes: "Экран блокировки", calls: "Запросы эмитента", callbacks: "Обратные вызовы эмитенту",
    quiet: "Пока ничего.", now: "сейчас", messages: "Сообщения", about: "Подробности", links: "Ссылки",
    EXPIRED: "Срок истёк", INACTIVE: "Больше не действует", COMPLETED: "Использована", sure: "Удалить карту с телефона?",
    failed: "Не получилось.", object: "Объект", version: "Версия", objects: "Объектов", rate: "Больше всего за секунду",
  },
};

let language = "en";

export function speak(chosen) {
  language = chosen in WORDS ? chosen : "en";
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", word(one.dataset.label));
  for (const one of document.querySelectorAll("[data-hint]")) {
    one.placeholder = word(one.dataset.hint);
    one.setAttribute("aria-label", word(one.dataset.hint));
  }
}

export const word = (name) => WORDS[language][name] ?? name;

export const clock = (moment) =>
  new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

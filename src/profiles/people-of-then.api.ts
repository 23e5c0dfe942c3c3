// What another thread may import: whom stored events concern, and nothing of Nest.
export { PeopleOfThen } from './people-of-then';
export { type KnownPerson } from './store/contact-history.store';

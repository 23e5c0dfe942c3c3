import { unknownField, unknownParameter } from '.';

it.each([
  ['', 'colour', '/colour'],
  ['/person', 'first_name', '/person/first_name'],
  ['/steps/0', 'max-delay', '/steps/0/max-delay'],
])('in "%s" the field %s is named', (parent, name, at) => {
  const fault = unknownField(parent, name);
  expect(fault).toMatchObject({ at, code: 'unknown_field' });
  expect(fault.detail).toContain(`"${name}"`);
});

it.each([['919876543210'], ['ABCPE1234F'], ['a@b.example'], ['two words'], ['k'.repeat(41)], ['a/b'], ['<script>'], ['नाम'], [''], [7]])(
  '%s may be data, and only its place is said',
  (name) => {
    expect(unknownField('/person', name)).toMatchObject({ at: '/person' });
    expect(unknownField('', name)).toMatchObject({ at: '/' });
    expect(unknownParameter(name)).toMatchObject({ at: 'query' });
  },
); // prettier-ignore

it('what to do about it is said behind it', () =>
  expect(unknownField('', 'colour', 'put your own fields into properties').detail).toBe(
    'This route knows no field "colour" here; put your own fields into properties.',
  ));

it('a parameter goes by its name', () => expect(unknownParameter('sort')).toMatchObject({ at: 'sort', code: 'unknown_field' }));

/**
 * Gives every owner (an account, or the store) its own state, created on first use. It lets each file in
 * `resources/` keep its state to itself: a reset creates new accounts, and new accounts start without state.
 */
export function stateOf<Owner extends object, State>(
  create: (owner: Owner) => State,
): (owner: Owner) => State {
  const states = new WeakMap<Owner, { state: State }>();
  return (owner) => {
    const known = states.get(owner) ?? { state: create(owner) };
    states.set(owner, known);
    return known.state;
  };
}
